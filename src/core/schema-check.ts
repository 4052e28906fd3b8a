/** Whether a database serves a release right now, and if not, why: what a readiness probe answers. */

import type { AppliedRevision, Summary } from './applied.ts';
import { type Decision, decideUpgrade, type OnAhead } from './decide.ts';
import { type ErrorCode, SlipwayError } from './errors.ts';
import type { Graph } from './graph.ts';
import { type PhaseChoice, planUpgrade } from './plan.ts';
import { isServedBy, type ReleaseIdentity } from './release.ts';
import type { Revision, RevisionId } from './revision.ts';
import { HEADS } from './target.ts';

/** One look at the database. */
export interface SchemaCheck {
  /**
   * `ready`: the release may serve, also where the database is ahead and compatible. `behind`:
   * revisions are missing. `ahead`: a revision that the release does not know breaks it.
   * `unreachable`: no answer. `refused`: an answer that lets no release serve, such as a diverged history.
   */
  readonly state: 'ready' | 'behind' | 'ahead' | 'unreachable' | 'refused';
  /** In words. */
  readonly reason: string;
  /** Of the error behind it, where there is one. */
  readonly code: ErrorCode | undefined;
  /** Undefined where the database did not answer; so are the counts. */
  readonly heads: readonly RevisionId[] | undefined;
  /** Revisions of the release that the database lacks. */
  readonly pending: number | undefined;
  /** Those of them that wait for the end of the rollout. */
  readonly contracts: number | undefined;
  /** Applied revisions that the release does not know. */
  readonly unknown: number | undefined;
}

/** What is asked about. */
export interface CheckRequest {
  readonly phase: PhaseChoice;
  readonly onAhead: OnAhead;
}

/** The answer that the summary row alone gives; undefined where one has to look closer. */
export function checkSummary(
  identity: ReleaseIdentity,
  summary: Summary | undefined,
  phase: PhaseChoice,
): SchemaCheck | undefined {
  if (summary === undefined || !isServedBy(identity, summary, phase)) return undefined;
  const contracts =
    summary.digest === identity.digest ? 0 : Math.max(0, identity.revisions - summary.applied);
  return ready(summary.heads, { pending: contracts, contracts, unknown: 0 });
}

/** The answer with all that is applied at hand. Throws nothing: a refusal is an answer. */
export function checkApplied(
  graph: Graph<Revision>,
  applied: readonly AppliedRevision[],
  { heads, ...request }: CheckRequest & { readonly heads: readonly RevisionId[] },
): SchemaCheck {
  const done = new Set(applied.filter((row) => row.state === 'applied').map((row) => row.id));
  const unknown = applied.filter((row) => !graph.nodes.has(row.id));
  const stepsOf = (phase: PhaseChoice): number =>
    planUpgrade(graph, done, { target: HEADS, phase }).steps.length;
  const pending = stepsOf('all');
  const contracts = request.phase === 'expand' ? pending - stepsOf('expand') : 0;
  const counts = { pending, contracts, unknown: unknown.length };
  let decision: Decision;
  try {
    decision = decideUpgrade(graph, applied, { ...request, target: HEADS });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const state = error.code === 'SLIPWAY_SCHEMA_AHEAD' ? 'ahead' : 'refused';
    return { state, reason: error.message, code: error.code, heads, ...counts };
  }
  if (decision.kind !== 'run') return ready(heads, counts);
  const missing = decision.plan.steps.length;
  return {
    state: 'behind',
    reason: `the database is behind this release: ${missing} ${missing === 1 ? 'revision is' : 'revisions are'} missing`,
    code: undefined,
    heads,
    ...counts,
  };
}

/** The answer where there was none. */
export function checkFailed(error: SlipwayError): SchemaCheck {
  return {
    state: error.exitCode >= 20 && error.exitCode <= 25 ? 'unreachable' : 'refused',
    reason: error.message,
    code: error.code,
    heads: undefined,
    pending: undefined,
    contracts: undefined,
    unknown: undefined,
  };
}

/** Whether somebody who knows `before` learns something from `now`. */
export function isNews(before: SchemaCheck | undefined, now: SchemaCheck): boolean {
  return (
    before === undefined ||
    before.state !== now.state ||
    before.code !== now.code ||
    before.pending !== now.pending ||
    before.unknown !== now.unknown
  );
}

function ready(
  heads: readonly RevisionId[],
  counts: Pick<SchemaCheck, 'pending' | 'contracts' | 'unknown'>,
): SchemaCheck {
  const { contracts = 0, unknown = 0 } = counts;
  const more = [
    unknown === 0 ? undefined : `${unknown} ahead of it`,
    contracts === 0 ? undefined : `${contracts} to come after the rollout`,
  ].filter((each) => each !== undefined);
  const besides = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return {
    state: 'ready',
    reason: `the database serves this release${besides}`,
    code: undefined,
    heads,
    ...counts,
  };
}
