/** Lints revisions: each by itself or together as one release, with `ignore` directives held to account. */

import { nothingCreated } from '../analysis/created.ts';
import { SlipwayError } from '../core/errors.ts';
import type { Revision } from '../core/revision.ts';
import { loadDeparser } from '../sql/deparse.ts';
import type { Finding } from './finding.ts';
import { type LintResult, lintRevision } from './lint-revision.ts';
import type { LintSettings } from './rule.ts';
import { type ActiveRule, sieveFor } from './sieve.ts';
import { unusedIgnores } from './unused-ignores.ts';

/** What is linted, and how. */
export interface LintRequest {
  /** In the order in which they run. */
  readonly revisions: readonly Revision[];
  /** They are applied together: what one creates is new to the next. */
  readonly isOneRelease: boolean;
  readonly rules: readonly ActiveRule[];
  readonly settings: LintSettings;
}

/** What was found. */
export interface LintReport {
  /** Of the revisions in their order, and in a revision by place. */
  readonly findings: readonly Finding[];
  /** Revisions that cannot be linted at all: their SQL cannot be run either. */
  readonly errors: readonly SlipwayError[];
  readonly revisions: number;
}

/** Runs the rules over all revisions. TypeScript revisions have no SQL to look at. */
export async function lintRelease(request: LintRequest): Promise<LintReport> {
  const { rules, settings, revisions } = request;
  const run = { rules, settings, deparse: await loadDeparser() };
  const results: LintResult[] = [];
  const errors: SlipwayError[] = [];
  let created = nothingCreated();
  for (const revision of revisions) {
    if (!request.isOneRelease) created = nothingCreated();
    try {
      results.push(await lintRevision(revision, run, created));
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      errors.push(error);
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
    revisions: revisions.length,
  };
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
