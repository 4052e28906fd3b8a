/** The advisory lock of one history schema in one database. */

import { createHash } from 'node:crypto';
import type { SessionInfo } from '../core/events.ts';
import type { MigrationLock } from '../runner/ports.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { sessionInfo } from './activity.ts';
import { CLIENT_GUARDS } from './prelude.ts';
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
  const key = lockKey(schema);
  const high = BigInt.asUintN(64, BigInt(key)) >> 32n;
  const low = BigInt.asUintN(32, BigInt(key));
  const channel = channelOf(schema);
  let { held } = options;
  let told: Promise<void> | undefined;
  const nextNotification = (): Promise<void> =>
    new Promise((resolve) => {
      session.client.once('notification', () => {
        told = nextNotification();
        resolve();
      });
    });
  return {
    get held() {
      return held;
    },
    get scope() {
      return session.pooled ? 'transaction' : 'session';
    },
    async tryAcquire() {
      if (session.pooled) return true;
      const [row] = await session.own(tryLockQuery(schema));
      held = row?.['locked'] === true;
      // From here on somebody waits for us: the server must notice when we are gone.
      if (held) await session.ownAll(CLIENT_GUARDS.map((guard) => ({ text: `set ${guard}` })));
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
          from pg_locks l
          join pg_stat_activity a on a.pid = l.pid
          where l.locktype = 'advisory'
            and l.database = (select oid from pg_database where datname = current_database())
            and l.classid::bigint = $1
            and l.objid::bigint = $2
            and l.objsubid = 1
            and l.granted`,
        values: [high.toString(), low.toString()],
      });
      return row === undefined ? undefined : sessionInfo(row);
    },
  };
}

function never(): Promise<void> {
  return new Promise(() => undefined);
}
