/** Drops for real what revisions have hidden: under the migration lock, a transaction each. */

import { DatabaseFailure } from '../core/database-failure.ts';
import { Interrupted, RunError, UsageError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { Statement } from '../core/revision.ts';
import { type HiddenObject, hiddenWords } from '../core/soft-drop.ts';
import { quoteQualified } from '../sql/identifiers.ts';
import { readHidden } from '../sql/soft-drop.ts';
import { ownFailure } from './failure.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { MigrationDatabase, StatementLimits, Surroundings } from './ports.ts';
import { isLockTrouble, retryDelay } from './run-plan.ts';
import { appliedSet } from './step.ts';
import { untilCurrent } from './until-current.ts';

export interface PurgeOptions {
  /** Only what has been hidden for longer; undefined: of any age. */
  readonly olderThanMs: number | undefined;
  /** As written: `app.users.phone`, `table audit`. Empty: everything that is old enough. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
  readonly limits: StatementLimits & { readonly lockRetries: number };
  readonly lockWaitMs: number;
}

/** What was dropped, or with `dryRun` would be, and what stays hidden. */
export interface Purged {
  readonly purged: readonly HiddenObject[];
  readonly kept: readonly HiddenObject[];
}

/**
 * Purges what `options` choose, the oldest first. What came before a failure is gone for good.
 * @throws UsageError for a name that nothing hidden has
 * @throws RunError `SLIPWAY_PURGE_FAILED`, `SLIPWAY_PRIVILEGE_MISSING`; LockError, Interrupted
 */
export async function purge(
  db: MigrationDatabase,
  options: PurgeOptions,
  surroundings: Surroundings,
): Promise<Purged> {
  const before = await chosen(db, options);
  if (options.dryRun || before.purged.length === 0) return before;
  const purged: HiddenObject[] = [];
  const total = before.purged.length;
  const result = await withMigrationLock(
    db.lock,
    {
      limitMs: options.lockWaitMs,
      workIsDone: async () => false,
      progress: async () => ({ done: 0, total }),
    },
    surroundings,
    () =>
      untilCurrent(options.lockWaitMs, surroundings, async () => {
        await db.applied.prepare();
        // What was chosen before the lock; another runner may have brought some of it back.
        const wanted = new Set(before.purged.map(({ id }) => id));
        const now = ((await db.softDrops.list()) ?? []).filter(isHidden);
        for (const hidden of now.filter(({ id }) => wanted.has(id))) {
          await purgeOne(db, hidden, { options, surroundings, done: purged });
          purged.push(hidden);
        }
        return { purged, kept: now.filter(({ id }) => !wanted.has(id)) };
      }),
  );
  return result ?? before;
}

function isHidden({ purgedAt }: HiddenObject): boolean {
  return purgedAt === undefined;
}

async function chosen(db: MigrationDatabase, options: PurgeOptions): Promise<Purged> {
  const hidden = ((await db.softDrops.list()) ?? []).filter(isHidden);
  const named = options.names.map((name) => ofName(hidden, name));
  const isChosen = (each: HiddenObject): boolean =>
    (named.length === 0 || named.some((all) => all.includes(each))) &&
    (options.olderThanMs === undefined || each.ageMs > options.olderThanMs);
  return { purged: hidden.filter(isChosen), kept: hidden.filter((each) => !isChosen(each)) };
}

/** What a name means; one that means things of different names is refused. */
function ofName(hidden: readonly HiddenObject[], name: string): readonly HiddenObject[] {
  const found = hidden.filter((each) => readHidden(name, each));
  const meanings = [...new Set(found.map(hiddenWords))];
  if (meanings.length > 1) {
    throw new UsageError('SLIPWAY_USAGE', `"${name}" means several: ${meanings.join(', ')}`, {
      hint: `Write which one: "${meanings[0]}".`,
      details: { candidates: meanings },
    });
  }
  if (found.length > 0) return found;
  const known = [...new Set(hidden.map(hiddenWords))];
  const guess = nearest(
    name,
    known.map((words) => words.replace(/^\w+ /, '')),
  );
  throw new UsageError('SLIPWAY_USAGE', `nothing is hidden under the name "${name}"`, {
    hint:
      guess === undefined
        ? 'slipway purge --older-than 0 --dry-run lists what is hidden.'
        : `Did you mean "${guess}"?`,
    details: { candidates: known },
  });
}

interface Purging {
  readonly options: PurgeOptions;
  readonly surroundings: Surroundings;
  readonly done: readonly HiddenObject[];
}

async function purgeOne(
  db: MigrationDatabase,
  hidden: HiddenObject,
  { options, surroundings, done }: Purging,
): Promise<void> {
  const { limits } = options;
  const { reporter, signal } = surroundings;
  for (let attempt = 0; ; attempt++) {
    if (signal.aborted) throw stopped(hidden, done);
    try {
      await dropForGood(db, hidden, limits);
      const { revision, hiddenAt, rows, bytes } = hidden;
      const object = hiddenWords(hidden);
      reporter.report({ type: 'object.purged', revision, object, hiddenAt, rows, bytes });
      return;
    } catch (error) {
      if (!isLockTrouble(error) || attempt >= limits.lockRetries || signal.aborted) {
        throw purgeFailure(error, hidden, { options, surroundings, done });
      }
      const delayMs = retryDelay(attempt, surroundings.random());
      reporter.report({
        type: 'revision.retrying',
        revision: hidden.revision,
        attempt: attempt + 1,
        limit: limits.lockRetries,
        cause: error.message,
        delayMs,
        blockers: error.blockers,
      });
      await surroundings.sleep(delayMs);
    }
  }
}

/** In one transaction with the record, which is there when and only when the data is gone. */
async function dropForGood(
  db: MigrationDatabase,
  hidden: HiddenObject,
  limits: StatementLimits,
): Promise<void> {
  const summary = await db.applied.summary();
  const digest = summary?.digest ?? '';
  const set = appliedSet(await db.applied.list(), digest);
  const { lockTimeoutMs, statementTimeoutMs } = limits;
  await db.sql.transaction(
    { lockTimeoutMs, statementTimeoutMs, durable: true, expectedDigest: digest },
    async (tx) => {
      const drop = dropOf(hidden);
      if (drop !== undefined) await tx.run([drop]);
      const { revision } = hidden;
      await tx.record({ kind: 'purged', revision, hidden, summary: set.unchanged() });
    },
  );
}

/** Without `cascade`: what still uses it is somebody's. Undefined where it was dropped by hand. */
function dropOf({ kind, place, hiddenName }: HiddenObject): Statement | undefined {
  if (place === undefined) return undefined;
  const { schema, table } = place;
  const text =
    kind === 'table'
      ? `drop table ${quoteQualified(schema, table)}`
      : `alter table ${quoteQualified(schema, table)} drop column ${quoteQualified(undefined, hiddenName)}`;
  return {
    text,
    command: kind === 'table' ? 'drop table' : 'alter table',
    offset: 0,
    line: 1,
    column: 1,
    onlyIf: undefined,
    idempotent: false,
    ignores: [],
    copyData: undefined,
    facts: {
      dataLoss: [],
      compatibility: { verdict: 'yes', reason: 'it is hidden' },
      transactional: true,
      interruption: 'atomic',
      postcondition: undefined,
      locks: [],
      work: [],
    },
  };
}

function purgeFailure(error: unknown, hidden: HiddenObject, context: Purging): unknown {
  if (!(error instanceof DatabaseFailure) || error.kind === 'stale-plan') return error;
  const { signal } = context.surroundings;
  if (signal.aborted && ['cancelled', 'connection-lost'].includes(error.kind)) {
    return stopped(hidden, context.done, error);
  }
  if (error.kind !== 'other') return ownFailure(error, `purging ${hiddenWords(hidden)}`);
  const { sqlState, detail } = error.fields;
  return new RunError(
    'SLIPWAY_PURGE_FAILED',
    `cannot purge ${hiddenWords(hidden)}: ${error.message}`,
    {
      hint:
        sqlState === STILL_USED
          ? 'Drop or change what depends on it in a revision of its own, and purge again.'
          : 'Mend what the server complains about, and purge again.',
      cause: error,
      details: {
        revision: hidden.revision,
        object: hiddenWords(hidden),
        hiddenName: hidden.hiddenName,
        sqlState,
        detail,
        purged: context.done.map(hiddenWords),
      },
    },
  );
}

/** dependent_objects_still_exist. */
const STILL_USED = '2BP01';

function stopped(
  hidden: HiddenObject,
  done: readonly HiddenObject[],
  cause?: DatabaseFailure,
): Interrupted {
  return new Interrupted(
    'SLIPWAY_INTERRUPTED',
    `stopped before ${hiddenWords(hidden)} was purged`,
    {
      hint: 'The next purge goes on with it.',
      cause,
      details: { purged: done.map(hiddenWords) },
    },
  );
}
