/** What a statement locks and goes through on a real server: read from `pg_locks`, files and messages. */

import { Client } from 'pg';
import { compareModes, LOCK_MODES, type LockMode } from '../../src/core/locks.ts';
import { type Relation, readRelations } from './relations.ts';
import { type CountRow, type FileRow, workSeen } from './work-traces.ts';

/** What was seen. */
export interface Measured {
  /** The strongest lock on each relation that was there before, by name. */
  readonly locks: ReadonlyMap<string, LockMode>;
  /** `rewrite items`. */
  readonly work: ReadonlySet<string>;
}

/** Runs the statement in a transaction that is rolled back. */
export async function measureInTransaction(client: Client, sql: string): Promise<Measured> {
  const before = await readRelations(client);
  const messages: string[] = [];
  const hear = ({ message }: { message?: string | undefined }) => messages.push(message ?? '');
  await client.query('begin');
  try {
    client.on('notice', hear);
    const { rows: earlier } = await client.query<CountRow>(COUNTS, [[...before.keys()]]);
    await client.query("set local client_min_messages = 'debug1'");
    await client.query(sql);
    await client.query("set local client_min_messages = 'notice'");
    client.off('notice', hear);
    const { rows: locks } = await client.query<LockRow>(LOCKS, [await pidOf(client)]);
    const { rows: counts } = await client.query<CountRow>(COUNTS, [[...before.keys()]]);
    const files = await readFiles(client, [...before.keys()]);
    return {
      locks: strongest(locks, before),
      work: workSeen({ before, messages, counts: since(earlier, counts), files }),
    };
  } finally {
    client.off('notice', hear);
    await client.query('rollback');
  }
}

/**
 * Runs the statement by itself while other sessions hold locks. Each time it waits, what it has and
 * what it waits for is read, and the one it waits for lets go.
 */
export async function measureWatched(
  url: string,
  { sql, held, schema }: { readonly sql: string; readonly held: readonly string[]; schema: string },
): Promise<Measured> {
  const sessions: Client[] = [];
  const open = async (): Promise<Client> => {
    const client = new Client({ connectionString: url });
    sessions.push(client);
    await client.connect();
    await client.query(`set search_path = ${schema}, public`);
    return client;
  };
  try {
    const [watcher, worker] = [await open(), await open()];
    const before = await readRelations(watcher);
    const holders = await Promise.all(held.map(open));
    for (const [i, holder] of holders.entries()) await holder.query(`begin; ${held[i]}`);
    const messages: string[] = [];
    worker.on('notice', ({ message }) => messages.push(message ?? ''));
    await worker.query("set client_min_messages = 'debug2'");
    const seen = await watch({ watcher, worker, holders }, sql);
    const files = await readFiles(watcher, [...before.keys()]);
    return {
      locks: strongest(seen, before),
      work: workSeen({ before, messages, counts: [], files }),
    };
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
  }
}

/** Who watches, who works, and who is in its way. */
interface Watch {
  readonly watcher: Client;
  readonly worker: Client;
  readonly holders: readonly Client[];
}

async function watch({ watcher, worker, holders }: Watch, sql: string): Promise<LockRow[]> {
  const pid = await pidOf(worker);
  const pids = new Map<number, Client>();
  for (const holder of holders) pids.set(await pidOf(holder), holder);
  const end = { isReached: false };
  const work = worker.query(sql).finally(() => {
    end.isReached = true;
  });
  work.catch(() => undefined); // thrown below, once the watch is over
  const seen: LockRow[] = [];
  while (!end.isReached) {
    const { rows } = await watcher.query<{ by: number[] }>('select pg_blocking_pids($1) as by', [
      pid,
    ]);
    const blocker = rows[0]?.by.find((each) => pids.has(each));
    if (blocker === undefined) continue;
    const locks = await watcher.query<LockRow>(LOCKS, [pid]);
    seen.push(...locks.rows);
    await pids.get(blocker)?.query('rollback');
    pids.delete(blocker);
  }
  await work;
  if (pids.size > 0)
    throw new Error(`${pids.size} of the held locks were not in the way of: ${sql}`);
  return seen;
}

interface LockRow {
  readonly relation: number;
  readonly mode: string;
}

const LOCKS = `
  select relation, mode
  from pg_locks
  where pid = $1 and locktype = 'relation'
    and database = (select oid from pg_database where datname = current_database())`;

const COUNTS = `
  select oid::int, pg_stat_get_xact_numscans(oid)::int as scans,
    (pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
      + pg_stat_get_xact_tuples_deleted(oid))::int as writes
  from unnest($1::oid[]) oid`;

/** The server counts on from what it has not reported yet, which may be of earlier transactions. */
function since(earlier: readonly CountRow[], now: readonly CountRow[]): CountRow[] {
  const before = new Map(earlier.map((each) => [each.oid, each]));
  return now.map(({ oid, scans, writes }) => ({
    oid,
    scans: scans - (before.get(oid)?.scans ?? 0),
    writes: writes - (before.get(oid)?.writes ?? 0),
  }));
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

async function readFiles(
  client: Client,
  oids: readonly number[],
): Promise<ReadonlyMap<number, FileRow>> {
  const { rows } = await client.query<FileRow>(FILES, [oids]);
  return new Map(rows.map((row) => [row.oid, row]));
}

const FILES = `
  select oid::int, pg_relation_filepath(oid) as file, pg_relation_size(oid) = 0 as "isEmpty",
    relallvisible as visible
  from pg_class where oid = any ($1) and pg_relation_filepath(oid) is not null`;

function strongest(
  rows: readonly LockRow[],
  before: ReadonlyMap<number, Relation>,
): ReadonlyMap<string, LockMode> {
  const locks = new Map<string, LockMode>();
  for (const { relation, mode } of rows) {
    const name = before.get(relation)?.name;
    if (name === undefined) continue;
    const words = modeWords(mode);
    const strongest = locks.get(name);
    if (strongest === undefined || compareModes(words, strongest) > 0) locks.set(name, words);
  }
  return locks;
}

/** `ShareUpdateExclusiveLock` in words. */
function modeWords(mode: string): LockMode {
  const words = mode
    .replace(/Lock$/, '')
    .replace(/(?<=.)([A-Z])/g, ' $1')
    .toLowerCase();
  const found = LOCK_MODES.find((each) => each === words);
  if (found === undefined) throw new Error(`unknown lock mode ${mode}`);
  return found;
}
