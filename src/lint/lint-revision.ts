/** Runs the rules over one revision. */

import { type CreatedObjects, nothingCreated } from '../analysis/created.ts';
import { walkScript } from '../analysis/script.ts';
import { type Node, tagOf } from '../analysis/tree.ts';
import type { Ignore, Revision } from '../core/revision.ts';
import type { Deparser } from '../sql/deparse.ts';
import { SECTIONS, type SectionName } from '../sql/directives.ts';
import type { Finding } from './finding.ts';
import type { LintedRevision, LintedStatement, LintSettings, RuleContext } from './rule.ts';
import { type ActiveRule, type Sieve, sieveFor } from './sieve.ts';

/** What is the same for all revisions of a run. */
export interface LintRun {
  readonly rules: readonly ActiveRule[];
  readonly settings: LintSettings;
  readonly deparse: Deparser;
}

/** A revision with what was found in it, and which of its `ignore` directives did something. */
export interface LintResult {
  readonly linted: LintedRevision;
  readonly findings: readonly Finding[];
  readonly used: ReadonlySet<Ignore>;
}

/**
 * Looks at every statement of `revision`. What its up section creates is added to `created`.
 * @throws RevisionFileError as `prepareScript` does
 */
export async function lintRevision(
  revision: Revision,
  run: LintRun,
  created: CreatedObjects,
): Promise<LintResult> {
  const sieve = sieveFor(revision);
  const isLast = ({ rule }: ActiveRule): boolean => rule.isLastResort === true;
  const rules = [...run.rules.filter((each) => !isLast(each)), ...run.rules.filter(isLast)];
  const sections: { [S in SectionName]?: readonly LintedStatement[] } = {};
  for (const section of SECTIONS) {
    // The other sections run at another time, when nothing is new any more.
    const context = {
      settings: run.settings,
      deparse: run.deparse,
      created: section === 'up' ? created : nothingCreated(),
    };
    sections[section] = await lintSection({ revision, section }, rules, { context, sieve });
  }
  const linted: LintedRevision = { revision, sections };
  for (const active of run.rules) {
    const context = { settings: run.settings, deparse: run.deparse, created };
    for (const problem of active.rule.revision?.(linted, context) ?? []) sieve.add(active, problem);
  }
  return { linted, findings: sieve.findings, used: sieve.used };
}

async function lintSection(
  of: { readonly revision: Revision; readonly section: SectionName },
  rules: readonly ActiveRule[],
  { context, sieve }: { readonly context: RuleContext; readonly sieve: Sieve },
): Promise<readonly LintedStatement[]> {
  const text = of.revision[of.section];
  if (text === undefined) return [];
  const seen: LintedStatement[] = [];
  const mark = sieve.mark();
  await walkScript(of.revision, text, {
    created: context.created,
    visit(statement, parsed) {
      const index = seen.length;
      const linted: LintedStatement = {
        ...{ ...of, ...parsed, statement },
        get before() {
          return seen.slice(0, index);
        },
      };
      for (const active of rules) {
        for (const problem of active.rule.statement?.(linted, context) ?? []) {
          sieve.add(active, problem, statement);
        }
      }
      seen.push(isBulk(parsed.node) ? withoutNode(linted) : linted);
    },
    restart() {
      seen.length = 0;
      sieve.reset(mark);
    },
  });
  return seen;
}

/** A seed may have a hundred thousand of them, and a tree takes many times the room of its text. */
function isBulk(node: Node | undefined): boolean {
  return node !== undefined && ['InsertStmt', 'CopyStmt'].includes(tagOf(node));
}

function withoutNode(linted: LintedStatement): LintedStatement {
  const { before } = linted;
  return { ...linted, before, node: undefined };
}
