/**
 * What most pods do: connect, read one row, compare it with the bundle's first line; where another
 * pod is at work, wait for it. Whoever gets the lock hands connection and lock to the full program.
 */

import { findConfigFile } from '../config/file.ts';
import { breakingOf, isReleaseAnd, surplusOf } from '../core/ahead.ts';
import type { Summary } from '../core/applied.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import { MismatchError } from '../core/errors.ts';
import { isServedBy, type ReleaseIdentity } from '../core/release.ts';
import { readHeader } from '../files/bundle-header.ts';
import { migrationLock } from '../postgres/lock.ts';
import { type Beyond, readBeyond, readSummary } from '../postgres/summary.ts';
import { acquireMigrationLock } from '../runner/migration-lock.ts';
import { becomeProgram, findProgram } from './become-program.ts';
import type { Edge } from './edge.ts';
import { finish } from './finish.ts';
import type { Handover } from './handover.ts';
import { type OpenConnection, openConnection } from './open-connection.ts';
import { type Call, perform } from './perform.ts';
import type { QuickArguments } from './quick-arguments.ts';
import { reportStart } from './report-start.ts';
import type { RunContext } from './run-context.ts';

/** Where the fast path ended. */
export type FastEnd =
  | { readonly kind: 'exit'; readonly code: number }
  /** There is more to do than this file can. */
  | { readonly kind: 'go-on'; readonly handover: Handover | undefined };

/** Takes the fast path as far as it goes. */
export async function takeFastPath(edge: Edge, args: QuickArguments): Promise<FastEnd> {
  // A config file that is a program can be loaded by the full program only.
  const isPlain = findConfigFile(edge.cwd)?.endsWith('.json') ?? true;
  if (args.target !== undefined || !isPlain) return { kind: 'go-on', handover: undefined };
  let step: Step = { kind: 'go-on', handover: undefined };
  const call: Call = {
    name: args.command,
    flags: args.flags,
    translate: (error) => error,
    warnings: false,
  };
  const code = await perform(edge, call, async (run) => {
    const file = args.command === 'run' ? findProgram(args.program[0] ?? '', edge) : undefined;
    step = await look(run, args.command);
    if (step.kind !== 'served') return undefined;
    const { outcome, heads } = step;
    finish(run, args.command, { outcome, heads, revisions: [] }, { json: args.json, ready: true });
    return file === undefined ? undefined : becomeProgram(file, args.program, edge);
  });
  return step.kind === 'go-on' && code === 0 ? step : { kind: 'exit', code };
}

type Step =
  | Extract<FastEnd, { kind: 'go-on' }>
  | {
      readonly kind: 'served';
      readonly outcome: 'nothing-to-do' | 'done-by-another' | 'ahead';
      readonly heads: readonly string[];
    };

async function look(run: RunContext, command: string): Promise<Step> {
  const { settings } = run;
  const leave: Step = { kind: 'go-on', handover: undefined };
  if (settings.bundle === undefined) return leave;
  const { identity } = readHeader(settings.bundle);
  const opened = await openConnection(run, settings.url?.reveal()).catch(leaveToFullProgram);
  if (opened === undefined) return leave;
  const { session, summary } = opened;
  let keep = false;
  try {
    if (isServedBy(identity, summary, settings.phase)) {
      return { kind: 'served', outcome: 'nothing-to-do', heads: summary?.heads ?? [] };
    }
    if (summary !== undefined) {
      const beyond = await readBeyond(session, settings.historySchema, {
        ids: identity.heads,
        limit: Math.min(surplusOf(identity, summary), MOST_NEWER),
      });
      if (isCompatible(identity, beyond, summary)) {
        const unknown = beyond.newest.map(({ id }) => id).reverse();
        const { heads } = summary;
        run.reporter.report({ type: 'schema.ahead', policy: 'compatible', unknown, heads });
        return { kind: 'served', outcome: 'ahead', heads };
      }
      // Not compatible, or changed: explained by the full program, which needs no lock for it either.
      if (beyond.hasAll) return leave;
    }
    if (session.pooled || settings.phase === 'contract') return leave;
    reportStart(run, command, opened);
    const served = await waitForTurn(run, opened, identity);
    if (served !== undefined) {
      return { kind: 'served', outcome: 'done-by-another', heads: served.heads };
    }
    keep = true;
    return {
      kind: 'go-on',
      handover: { client: session.client, connection: opened.connection, holdsLock: true },
    };
  } catch (error) {
    // A session that was lost while it waited: the full program connects anew.
    return leaveToFullProgram(error) ?? leave;
  } finally {
    if (!keep) await session.close().catch(() => undefined);
  }
}

/** A rollback over more revisions is decided by the full program. */
const MOST_NEWER = 1000;

/** The database has all of the release and more, none of which breaks the release's code. */
function isCompatible(identity: ReleaseIdentity, beyond: Beyond, summary: Summary): boolean {
  const { hasAll, isPartial, newest } = beyond;
  return (
    hasAll &&
    !isPartial &&
    isReleaseAnd(identity, newest, summary) &&
    breakingOf(newest).length === 0
  );
}

/**
 * Undefined with the lock held; the summary row when another runner has brought the database where
 * this release wants it.
 */
async function waitForTurn(
  run: RunContext,
  { session, summary }: OpenConnection,
  identity: ReleaseIdentity,
): Promise<Summary | undefined> {
  const { historySchema, phase, lockWait } = run.settings;
  const before = summary?.applied ?? 0;
  let seen = summary;
  const isOurs = await acquireMigrationLock(
    migrationLock(session, historySchema),
    {
      limitMs: lockWait,
      workIsDone: async () => {
        seen = await readSummary(session, historySchema);
        return isServedBy(identity, seen, phase);
      },
      progress: async () => ({
        done: Math.max(0, (seen?.applied ?? 0) - before),
        total: identity.revisions - before,
      }),
    },
    run.surroundings,
  );
  return isOurs ? undefined : seen;
}

/** A history that cannot be read is explained by the full program, which asks again. */
function leaveToFullProgram(error: unknown): undefined {
  if (error instanceof DatabaseFailure || error instanceof MismatchError) return undefined;
  throw error;
}
