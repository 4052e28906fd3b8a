/** The advisory lock of one history schema in one database. */

import { createHash } from 'node:crypto';
import type { SessionInfo } from '../core/events.ts';
import { progressMeter } from '../core/progress.ts';
import { describeProgress } from '../core/progress-text.ts';
import type { MigrationLock } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { sessionInfo } from './activity.ts';
import { CLIENT_GUARDS } from './prelude.ts';
import { measurementOf, progressQuery } from './progress-views.ts';
import type { OwnQuery, Session } from './session.ts';

/**
 * The lock's key: a signed 64-bit number as text. Advisory locks are per database, so the history
 * schema alone tells two users of one database apart.
 */
export function lockKey(schema: string): string {
  return createHash('sha256').update(`slipway:${schema}`).digest().readBigInt64BE(0).toString();
}

/** Tries to take the lock, and answers whether it is ours now. */
export function tryLockQuery(schema: string): OwnQuery {
  return {
    text: 'select pg_try_advisory_lock($1::bigint) as locked',
    values: [lockKey(schema)],
  };
}

/** Releases the lock and tells those who wait for it. */
export function unlockQuery(schema: string): OwnQuery {
  return {
    text: 'select pg_advisory_unlock($1::bigint), pg_notify($2, $3)',
    values: [lockKey(schema), channelOf(schema), ''],
  };
}

/**
 * Ends the server session `pid` if it still holds the lock: one of ours that was cut off may not
 * have noticed, and could keep the lock or even commit for as long as that lasts.
 */
export function endHolderQuery(schema: string, pid: number): OwnQuery {
  return {
    text: `
      select pg_terminate_backend(a.pid)
      ${HOLDER}
        and a.pid = $3
        and a.application_name = current_setting('application_name')`,
    values: [...keyHalves(schema), pid],
  };
}

/** Who holds the lock; the two halves of the key are its parameters. */
const HOLDER = `
      from pg_locks l
      join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory'
        and l.database = (select oid from pg_database where datname = current_database())
        and l.classid::bigint = $1
        and l.objid::bigint = $2
        and l.objsubid = 1
        and l.granted`;

function keyHalves(schema: string): readonly string[] {
  const key = BigInt.asUintN(64, BigInt(lockKey(schema)));
  return [(key >> 32n).toString(), BigInt.asUintN(32, key).toString()];
}

/** Where a release of the lock is told. */
function channelOf(schema: string): string {
  return `slipway ${lockKey(schema)}`;
}

/**
 * The lock on the session that does the work: losing one loses both. It is tried, never waited
 * for: a session that waits in `pg_advisory_lock` holds a snapshot, which a concurrent index build
 * waits for in turn.
 */
export function migrationLock(
  session: Session,
  schema: string,
  options: { readonly held: boolean } = { held: false },
): MigrationLock {
  const channel = channelOf(schema);
  let { held } = options;
  let guarded = false;
  let told: Promise<void> | undefined;
  const nextNotification = (): Promise<void> =>
    new Promise((resolve) => {
      session.client.once('notification', () => {
        told = nextNotification();
        resolve();
      });
    });
  const lock: MigrationLock = {
    get held() {
      return held;
    },
    get scope() {
      return session.pooled ? 'transaction' : 'session';
    },
    async tryAcquire() {
      // Only looked at: trying for it would make the transactions of others fail.
      if (session.pooled) return (await lock.holder()) === undefined;
      const [row] = await session.own(tryLockQuery(schema));
      held = row?.['locked'] === true;
      // From here on others wait for us or we for them: the server must notice when we are gone.
      if (!guarded) await session.ownAll(CLIENT_GUARDS.map((guard) => ({ text: `set ${guard}` })));
      guarded = true;
      return held;
    },
    async release() {
      if (session.pooled) return;
      held = false;
      await session.own(unlockQuery(schema));
    },
    async released() {
      // A pooler delivers no notifications: there, looking again and again has to do.
      if (session.pooled) return never();
      if (told === undefined) {
        await session.own({ text: `listen ${quoteIdentifier(channel)}` });
        told = nextNotification();
      }
      await told;
    },
    async holder(): Promise<SessionInfo | undefined> {
      const [row] = await session.own({
        text: `
          select a.pid, a.application_name, a.usename, host(a.client_addr) as client, a.state,
            a.query, extract(epoch from clock_timestamp() - a.backend_start) * 1000 as age_ms
          ${HOLDER}`,
        values: keyHalves(schema),
      });
      if (row === undefined) return undefined;
      const holder = sessionInfo(row);
      // Only where the server says how far it is: nobody waits less for knowing it.
      const [report] = await session.own(progressQuery(holder.pid)).catch(() => []);
      const measured = measurementOf(report);
      if (measured === undefined) return holder;
      return { ...holder, progress: describeProgress(progressMeter()(measured, 0)) };
    },
  };
  return lock;
}

function never(): Promise<void> {
  return new Promise(() => undefined);
}
