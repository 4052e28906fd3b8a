/** Looks again and again whether the database serves this release, over one kept connection. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { ConnectionError, SlipwayError } from '../core/errors.ts';
import type { ReleaseIdentity } from '../core/release.ts';
import {
  type CheckRequest,
  checkApplied,
  checkFailed,
  checkSummary,
  isNews,
  type SchemaCheck,
} from '../core/schema-check.ts';
import { ownFailure } from './failure.ts';
import type { AppliedRevisions, Release, Surroundings } from './ports.ts';

/** A connection that is kept open, and opened again where it was lost. */
export interface KeptDatabase {
  /**
   * Lets `look` read over it. Ends within a few seconds, also where the server says nothing.
   * @throws SlipwayError, DatabaseFailure
   */
  read<T>(
    look: (applied: Pick<AppliedRevisions, 'summary' | 'list' | 'recentLog'>) => Promise<T>,
  ): Promise<T>;
}

/** What is known of the schema. */
export interface SchemaWatch {
  /** The last answer; undefined before the first. */
  readonly latest: SchemaCheck | undefined;
  /** Looks now. Those who ask at the same time share one look. */
  check(): Promise<SchemaCheck>;
  /** Looks every now and then until told to stop, sooner after a look that was not answered. */
  keepLooking(): Promise<never>;
}

const FIRST_RETRY_MS = 1000;

/** Watches the schema. Each look is one `schema.checked`. */
export function schemaWatch(
  db: KeptDatabase,
  release: Release,
  request: CheckRequest & { readonly intervalMs: number },
  surroundings: Surroundings,
): SchemaWatch {
  const { reporter, random, signal } = surroundings;
  let identity: ReleaseIdentity | undefined;
  let latest: SchemaCheck | undefined;
  let pending: Promise<SchemaCheck> | undefined;
  /** The digest that `judged` is about: where nothing has changed there is nothing to judge. */
  let digest: string | undefined;
  let judged: SchemaCheck | undefined;

  const look = (): Promise<SchemaCheck> =>
    db.read(async (applied) => {
      const summary = await applied.summary();
      identity ??= await release.identity();
      const served = checkSummary(identity, summary, request.phase);
      if (served !== undefined) return served;
      if (judged !== undefined && summary !== undefined && summary.digest === digest) return judged;
      const rows = summary === undefined ? [] : await applied.list();
      const { heads = [] } = summary ?? {};
      const answer = checkApplied(await release.graph(), rows, { ...request, heads });
      digest = summary?.digest;
      judged = answer;
      return answer;
    });
  const answer = async (): Promise<SchemaCheck> => {
    const now = await look().catch((error: unknown) => {
      // Whoever is told to stop says nothing about the database any more.
      if (signal.aborted) throw error;
      return checkFailed(explained(error));
    });
    reporter.report({ type: 'schema.checked', isNews: isNews(latest, now), ...now });
    latest = now;
    return now;
  };
  const check = (): Promise<SchemaCheck> => {
    pending ??= answer().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  return {
    get latest() {
      return latest;
    },
    check,
    async keepLooking() {
      let retryMs = FIRST_RETRY_MS;
      for (;;) {
        const { state } = await check();
        const isAnswered = state !== 'unreachable';
        const pauseMs = isAnswered ? request.intervalMs : Math.min(retryMs, request.intervalMs);
        retryMs = isAnswered ? FIRST_RETRY_MS : retryMs * 2;
        // Pods that were started together need not ask together.
        await surroundings.sleep(pauseMs * (0.75 + random() / 2));
      }
    },
  };
}

/** Whatever a look fails with is an answer to a probe; what is no failure of ours is a bug. */
function explained(error: unknown): SlipwayError {
  const known = ownFailure(error, 'reading the history');
  if (known instanceof SlipwayError) return known;
  if (known instanceof DatabaseFailure) {
    return new ConnectionError(
      'SLIPWAY_DB_UNREACHABLE',
      `cannot read the history: ${known.message}`,
    );
  }
  throw error;
}
