/** What becomes of a run whose connection was lost between a commit and its answer. */

import type { AppliedRevision } from '../core/applied.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import { ConnectionError, type ErrorOptionsOf, Interrupted, SlipwayError } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import { auditFailure } from './audit-failure.ts';
import type { MigrationDatabase, Surroundings } from './ports.ts';
import type { Step } from './step.ts';

/** The server may have committed these steps, or not: only a new connection can tell. */
export class LostCommit extends Error {
  readonly steps: readonly Step[];
  /** Says that they are done, once that is known. */
  readonly announce: () => void;

  constructor(steps: readonly Step[], announce: () => void, cause: DatabaseFailure) {
    super(cause.message, { cause });
    this.name = 'LostCommit';
    this.steps = steps;
    this.announce = announce;
  }
}

/**
 * Runs `attempt`; after a lost commit again over a new connection, where it must take the lock anew
 * (the old session has it for as long as it may still commit) and settle what was lost.
 * @throws ConnectionError `SLIPWAY_DB_CONNECTION_LOST`, Interrupted: no new connection
 */
export async function survivingLostCommit<T>(
  db: MigrationDatabase,
  surroundings: Surroundings,
  attempt: (db: MigrationDatabase, lost: LostCommit | undefined) => Promise<T>,
): Promise<T> {
  let current = db;
  let lost: LostCommit | undefined;
  for (;;) {
    try {
      return await attempt(current, lost);
    } catch (error) {
      if (!(error instanceof LostCommit)) throw error;
      lost = error;
      current = await reopened(current, lost, surroundings);
    }
  }
}

async function reopened(
  db: MigrationDatabase,
  lost: LostCommit,
  { reporter, signal }: Surroundings,
): Promise<MigrationDatabase> {
  if (signal.aborted) throw outcomeUnknown(lost, undefined);
  reporter.report({
    type: 'warning',
    message: `the connection was lost at the commit of ${named(lost)} (${lost.message}): asking over a new one whether it happened`,
  });
  try {
    return await db.reopen();
  } catch (error) {
    if (!(error instanceof SlipwayError || error instanceof DatabaseFailure)) throw error;
    throw outcomeUnknown(lost, error);
  }
}

/**
 * Settles a lost commit with what is applied now, read under the lock: announces its steps, or
 * fails. `finished` then has what this run has really done: a server that crashed may have lost
 * earlier commits, which were not flushed yet.
 * @throws ConnectionError `SLIPWAY_DB_CONNECTION_LOST`: it was not committed
 */
export async function settleLostCommit(
  db: Pick<MigrationDatabase, 'applied'>,
  lost: LostCommit | undefined,
  now: { readonly applied: readonly AppliedRevision[]; readonly heads: readonly RevisionId[] },
  finished: RevisionId[],
): Promise<void> {
  const [first] = lost?.steps ?? [];
  if (lost === undefined || first === undefined) return;
  const rows = new Map(now.applied.map((row) => [row.id, row.state]));
  const isDone = (id: RevisionId): boolean =>
    first.direction === 'upgrade' ? rows.get(id) === 'applied' : !rows.has(id);
  finished.splice(0, finished.length, ...finished.filter(isDone));
  const ids = lost.steps.map((step) => step.revision.id);
  if (ids.every(isDone)) {
    finished.push(...ids);
    lost.announce();
    return;
  }
  const error = notCommitted(lost, first, { finished: [...finished], heads: now.heads });
  await auditFailure(db, error);
  throw error;
}

function notCommitted(
  lost: LostCommit,
  { revision, direction }: Step,
  state: { readonly finished: readonly RevisionId[]; readonly heads: readonly RevisionId[] },
): ConnectionError {
  const whole = revision.transaction === 'one';
  return new ConnectionError(
    'SLIPWAY_DB_CONNECTION_LOST',
    `the connection was lost at the commit of ${named(lost)}, and a new one shows that it ${whole ? 'was not committed' : 'is not finished'}`,
    {
      hint: whole
        ? 'Nothing of it is in the database; the next run starts with it.'
        : 'The next run asks the catalog what became of it and continues from there.',
      cause: lost,
      details: {
        revision: revision.id,
        direction,
        file: revision.file,
        message: lost.message,
        rolledBack: whole,
        ...state,
      },
    },
  );
}

/** Neither "committed" nor "rolled back" would be true. */
function outcomeUnknown(
  lost: LostCommit,
  cause: SlipwayError | DatabaseFailure | undefined,
): SlipwayError {
  const [first] = lost.steps;
  const options: ErrorOptionsOf = {
    hint: 'The next run finds out and continues from there.',
    cause: cause ?? lost,
    details: {
      ...(cause instanceof SlipwayError ? cause.details : {}),
      revision: first?.revision.id,
      direction: first?.direction,
      file: first?.revision.file,
    },
  };
  const at = `at the commit of ${named(lost)}, and whether it happened is not known`;
  return cause === undefined || cause instanceof Interrupted
    ? new Interrupted('SLIPWAY_INTERRUPTED', `stopped ${at}`, options)
    : new ConnectionError(
        'SLIPWAY_DB_CONNECTION_LOST',
        `the connection was lost ${at}: ${cause.message}`,
        options,
      );
}

function named({ steps }: LostCommit): string {
  const [first] = steps;
  return steps.length === 1
    ? `revision "${first?.revision.id}"`
    : `${steps.length} revisions from "${first?.revision.id}" on`;
}
