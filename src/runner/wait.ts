/** Waits until the database serves this release. Never migrates, never takes the lock. */

import { type Decision, decideUpgrade, type OnAhead } from '../core/decide.ts';
import { Interrupted, LockError } from '../core/errors.ts';
import type { RunOutcome } from '../core/outcome.ts';
import type { PhaseChoice } from '../core/plan.ts';
import { isServedBy } from '../core/release.ts';
import type { RevisionId } from '../core/revision.ts';
import { HEADS } from '../core/target.ts';
import { explainAhead } from './explain-ahead.ts';
import type { MigrationDatabase, Release, Surroundings } from './ports.ts';

export interface WaitOptions {
  readonly phase: PhaseChoice;
  readonly onAhead: OnAhead;
  readonly timeoutMs: number;
}

const POLL_MS = 1000;

/**
 * Resolves when the database is at this release, or ahead of it and compatible.
 * @throws LockError `SLIPWAY_WAIT_TIMEOUT`
 * @throws MismatchError as `decideUpgrade`
 */
export async function waitForRelease(
  db: Pick<MigrationDatabase, 'applied' | 'lock'>,
  release: Release,
  options: WaitOptions,
  surroundings: Surroundings,
): Promise<RunOutcome> {
  const identity = await release.identity();
  const { reporter, now, random, signal } = surroundings;
  const start = now();
  let reportAtMs = 0;
  let seen: string | undefined;
  let decision: Decision | undefined;
  for (;;) {
    if (signal.aborted) {
      throw new Interrupted('SLIPWAY_INTERRUPTED', 'stopped while waiting for the schema', {
        hint: 'Nothing was changed.',
      });
    }
    const summary = await db.applied.summary();
    const heads = summary?.heads ?? [];
    if (isServedBy(identity, summary, options.phase)) {
      return { outcome: 'nothing-to-do', heads, revisions: [] };
    }
    // A row more or less changes the digest: nothing new, nothing to decide.
    if (decision === undefined || summary?.digest !== seen) {
      seen = summary?.digest;
      const applied = summary === undefined ? [] : await db.applied.list();
      try {
        decision = decideUpgrade(await release.graph(), applied, {
          target: HEADS,
          phase: options.phase,
          onAhead: options.onAhead,
        });
      } catch (error) {
        throw await explainAhead(db.applied, error);
      }
    }
    if (decision.kind === 'nothing') return { outcome: 'nothing-to-do', heads, revisions: [] };
    if (decision.kind === 'ahead') return ahead(decision, heads, surroundings);
    const { steps } = decision.plan;
    const waitedMs = now() - start;
    if (waitedMs >= options.timeoutMs) throw timedOut(steps, waitedMs);
    if (waitedMs >= reportAtMs) {
      reportAtMs = Math.max(5000, reportAtMs * 2);
      reporter.report({
        type: 'schema.waiting',
        pending: steps.length,
        holder: await db.lock.holder(),
        waitedMs,
        limitMs: options.timeoutMs,
      });
    }
    await surroundings.sleep(Math.min(POLL_MS * (0.5 + random()), options.timeoutMs - waitedMs));
  }
}

function ahead(
  decision: Extract<Decision, { kind: 'ahead' }>,
  heads: readonly RevisionId[],
  surroundings: Surroundings,
): RunOutcome {
  surroundings.reporter.report({
    type: 'schema.ahead',
    policy: decision.policy,
    unknown: decision.unknown.map((row) => row.id),
    heads,
  });
  return { outcome: 'ahead', heads, revisions: [] };
}

function timedOut(steps: readonly RevisionId[], waitedMs: number): LockError {
  return new LockError(
    'SLIPWAY_WAIT_TIMEOUT',
    `the database does not serve this release after ${Math.round(waitedMs / 1000)} s: ${steps.length} ${steps.length === 1 ? 'revision is' : 'revisions are'} pending`,
    {
      hint: 'See whether the migrating pod or Job runs and what it says, or wait longer with --timeout.',
      details: { pending: steps, waitedMs },
    },
  );
}
