/** Runs the rules over one revision. */

import { type CreatedObjects, nothingCreated } from '../analysis/created.ts';
import { walkScript } from '../analysis/script.ts';
import { type Node, tagOf } from '../analysis/tree.ts';
import type { Ignore, Revision } from '../core/revision.ts';
import type { Deparser } from '../sql/deparse.ts';
import { SECTIONS, type SectionName } from '../sql/directives.ts';
import type { Finding } from './finding.ts';
import type { LintedRevision, LintedStatement, LintSettings, Rule, RuleContext } from './rule.ts';
import { type ActiveRule, type Sieve, sieveFor } from './sieve.ts';

/** What is the same for all revisions of a run. */
export interface LintRun {
  readonly rules: readonly ActiveRule[];
  /** Rules that somebody switched off: what they find is accepted, and no last resort speaks of it. */
  readonly silenced: readonly Rule[];
  readonly settings: LintSettings;
  readonly deparse: Deparser;
}

/** A revision with what was found in it, and which of its `ignore` directives did something. */
export interface LintResult {
  readonly linted: LintedRevision;
  readonly findings: readonly Finding[];
  readonly used: ReadonlySet<Ignore>;
  /** Sections that the parser does not understand. */
  readonly unparsed: readonly SectionName[];
}

/** What ran before a revision. */
export interface Past {
  readonly created: CreatedObjects;
  readonly earlier: readonly LintedRevision[];
}

/**
 * Looks at every statement of `revision`. What its up section creates is added to `created`.
 * @throws RevisionFileError as `prepareScript` does
 */
export async function lintRevision(
  revision: Revision,
  run: LintRun,
  { created, earlier }: Past,
): Promise<LintResult> {
  const sieve = sieveFor(revision);
  const isLast = ({ rule }: ActiveRule): boolean => rule.isLastResort === true;
  const rules = [...run.rules.filter((each) => !isLast(each)), ...run.rules.filter(isLast)];
  const sections: { [S in SectionName]?: readonly LintedStatement[] } = {};
  const unparsed: SectionName[] = [];
  const known = { settings: run.settings, deparse: run.deparse, earlier, sections };
  for (const section of SECTIONS) {
    // The other sections run at another time, when nothing is new any more.
    const context = {
      ...known,
      created: section === 'up' ? created : nothingCreated(created.known),
    };
    const { statements, parsed } = await lintSection(
      { revision, section },
      { ...run, rules },
      {
        context,
        sieve,
      },
    );
    sections[section] = statements;
    if (!parsed) unparsed.push(section);
  }
  const linted: LintedRevision = { revision, sections };
  for (const active of run.rules) {
    for (const problem of active.rule.revision?.(linted, { ...known, created }) ?? [])
      sieve.add(active, problem);
  }
  return { linted, findings: sieve.findings, used: sieve.used, unparsed };
}

async function lintSection(
  of: { readonly revision: Revision; readonly section: SectionName },
  { rules, silenced }: Pick<LintRun, 'rules' | 'silenced'>,
  { context, sieve }: { readonly context: RuleContext; readonly sieve: Sieve },
): Promise<{ readonly statements: readonly LintedStatement[]; readonly parsed: boolean }> {
  const text = of.revision[of.section];
  if (text === undefined) return { statements: [], parsed: true };
  const seen: LintedStatement[] = [];
  const mark = sieve.mark();
  const { parsed: isParsed } = await walkScript(of.revision, text, {
    created: context.created,
    visit(statement, parsed) {
      const index = seen.length;
      // Never copied: a copy would hold all statements before it.
      const asSeen = (node: Node | undefined): LintedStatement => ({
        ...{ ...of, ...parsed, statement, node },
        get before() {
          return seen.slice(0, index);
        },
      });
      const linted = asSeen(parsed.node);
      if (silenced.some((rule) => (rule.statement?.(linted, context) ?? []).length > 0)) {
        sieve.accept(statement);
      }
      for (const active of rules) {
        for (const problem of active.rule.statement?.(linted, context) ?? []) {
          sieve.add(active, problem, statement);
        }
      }
      seen.push(isBulk(parsed.node) ? asSeen(undefined) : linted);
    },
    restart() {
      seen.length = 0;
      sieve.reset(mark);
    },
  });
  return { statements: seen, parsed: isParsed };
}

/** A seed may have a hundred thousand of them, and a tree takes many times the room of its text. */
function isBulk(node: Node | undefined): boolean {
  return node !== undefined && ['InsertStmt', 'CopyStmt'].includes(tagOf(node));
}
