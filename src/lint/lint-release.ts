/** Lints revisions: each by itself or together as one release, with `ignore` directives held to account. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { nothingCreated } from '../analysis/created.ts';
import { forgetKnown } from '../analysis/known.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Revision } from '../core/revision.ts';
import { loadDeparser } from '../sql/deparse.ts';
import type { Finding } from './finding.ts';
import { type LintResult, lintRevision } from './lint-revision.ts';
import type { RevisionVerdict } from './report.ts';
import type { LintedRevision, LintSettings, Rule } from './rule.ts';
import { type ActiveRule, sieveFor } from './sieve.ts';
import { unusedIgnores } from './unused-ignores.ts';

/** What is linted, and how. */
export interface LintRequest {
  /** In the order in which they run. */
  readonly revisions: readonly Revision[];
  /** Those of them that only tell what the others meet: nothing is said about them. */
  readonly background?: ReadonlySet<Revision>;
  /** They are applied together: what one creates is new to the next. */
  readonly isOneRelease: boolean;
  readonly rules: readonly ActiveRule[];
  /** Rules that somebody switched off, although they are on by default. */
  readonly silenced?: readonly Rule[];
  readonly settings: LintSettings;
}

/** What was found. */
export interface LintReport {
  /** Of the revisions in their order, and in a revision by place. */
  readonly findings: readonly Finding[];
  /** Revisions that cannot be linted at all: their SQL cannot be run either. */
  readonly errors: readonly SlipwayError[];
  /** Revisions with SQL that the parser does not understand; the rest of each was linted. */
  readonly unparsed: readonly Revision[];
  readonly revisions: number;
  /** Of those that were linted, in their order. */
  readonly verdicts: readonly RevisionVerdict[];
}

/** Runs the rules over all revisions. TypeScript revisions have no SQL to look at. */
export async function lintRelease(request: LintRequest): Promise<LintReport> {
  const { rules, silenced = [], settings, revisions, background = new Set<Revision>() } = request;
  const run = { rules, silenced, settings, deparse: await loadDeparser() };
  const results: LintResult[] = [];
  const errors: SlipwayError[] = [];
  const earlier: LintedRevision[] = [];
  let created = nothingCreated();
  for (const revision of revisions) {
    const isLinted = !background.has(revision);
    // What is known of tables stays true, although nothing of it is new any more.
    if (isLinted && !request.isOneRelease) created = nothingCreated(created.known);
    try {
      const result = isLinted
        ? await lintRevision(revision, run, { created, earlier })
        : await lintRevision(
            revision,
            { ...run, rules: [], silenced: [] },
            { created: nothingCreated(created.known), earlier },
          );
      if (isLinted) results.push(result);
      earlier.push(result.linted);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      forgetKnown(created.known);
      if (isLinted) errors.push(error);
    }
  }
  const found = results.flatMap(({ findings }) => findings);
  const used = new Set(results.flatMap((result) => [...result.used]));
  const together = request.isOneRelease ? releaseFindings(results, rules) : { findings: [], used };
  for (const ignore of together.used) used.add(ignore);
  const stale = results.flatMap(({ linted }) => unusedIgnores(linted, { rules, used }));
  return {
    findings: sorted([...found, ...together.findings, ...stale], revisions),
    errors,
    unparsed: results
      .filter(({ unparsed }) => unparsed.length > 0)
      .map(({ linted }) => linted.revision),
    revisions: revisions.length - background.size,
    verdicts: results.map(({ linted }) => verdictOf(linted)),
  };
}

function verdictOf({ revision, sections }: LintedRevision): RevisionVerdict {
  const statements = (sections.up ?? []).map(({ statement }) => statement);
  const { verdict, reason, statement } = compatibilityOf(revision, { statements, parsed: true });
  const { id, file } = revision;
  return { revision: id, file, compatible: verdict, reason, line: statement?.line };
}

function releaseFindings(
  results: readonly LintResult[],
  rules: readonly ActiveRule[],
): Pick<LintResult, 'findings' | 'used'> {
  const release = results.map(({ linted }) => linted);
  const sieves = new Map(release.map(({ revision }) => [revision, sieveFor(revision)]));
  for (const active of rules) {
    for (const { revision, ...problem } of active.rule.release?.(release) ?? []) {
      sieves.get(revision)?.add(active, problem);
    }
  }
  return {
    findings: [...sieves.values()].flatMap(({ findings }) => findings),
    used: new Set([...sieves.values()].flatMap(({ used }) => [...used])),
  };
}

function sorted(findings: readonly Finding[], revisions: readonly Revision[]): readonly Finding[] {
  const order = new Map(revisions.map(({ id }, index) => [id, index]));
  const place = ({ revision }: Finding): number => order.get(revision) ?? 0;
  return [...findings].sort(
    (a, b) => place(a) - place(b) || a.line - b.line || a.column - b.column,
  );
}
