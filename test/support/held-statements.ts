/**
 * Statements that are held in the middle, by a function that waits for an advisory lock of the test:
 * what is seen of them depends on nothing's speed.
 */

import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import type { ProgressPace } from '../../src/postgres/progress.ts';
import type { StatementProgress } from '../../src/runner/ports.ts';
import { type OpenHistory, openHistory } from './history-database.ts';
import { statementOf } from './port-fixture.ts';
import { createDatabase, query, type TestDatabase } from './postgres.ts';

/** How many rows the table `item` has, with their number in `n`. */
export const ROWS = 5000;
/** The rows at which `gate(n)` waits where it is shut. */
export const FIRST = 1;
export const LAST = ROWS - 1;
/** Limits that no test reaches, also not while a statement is held. */
export const PATIENT = { lockTimeoutMs: 60_000, statementTimeoutMs: 0 };

const PACE: ProgressPace = { firstMs: 10, everyMs: 10, now: () => performance.now() };
const NAMESPACE = 77;

/** A session whose progress is kept. */
export interface Watched extends OpenHistory {
  readonly seen: readonly StatementProgress[];
  /** Waits for progress that `has` says yes to. */
  sees(has: (progress: StatementProgress) => boolean): Promise<StatementProgress>;
}

/** What the tests of one file share: a database with the table `item` and the function `gate`. */
export interface HeldStatements {
  /** Connection string; there from the first hook on. */
  readonly url: string;
  shut(...rows: readonly number[]): Promise<unknown>;
  release(row: number): Promise<unknown>;
  connect(options?: Parameters<typeof openHistory>[1], url?: string): Promise<Watched>;
  /** Runs `sql` outside a transaction, and lets it go on when `until` has been seen. */
  held(
    sql: string,
    until: (watched: Watched) => Promise<StatementProgress>,
    session?: Watched,
  ): Promise<StatementProgress>;
}

/** Registers the hooks of a test file. */
export function heldStatements(): HeldStatements {
  let database: TestDatabase;
  let gatekeeper: Client;
  let open: OpenHistory[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    await query(
      database.url,
      `create function gate(n bigint) returns bigint language plpgsql immutable as $$
       begin
         if n in (${FIRST}, ${LAST}) then
           perform pg_catalog.pg_advisory_lock_shared(${NAMESPACE}, n::int);
           perform pg_catalog.pg_advisory_unlock_shared(${NAMESPACE}, n::int);
         end if;
         return n;
       end $$;
       create function gated() returns trigger language plpgsql as $$
       begin
         perform public.gate(new.n);
         return new;
       end $$`,
    );
  });
  afterAll(() => database.drop());

  beforeEach(async () => {
    open = [];
    gatekeeper = new Client({ connectionString: database.url, application_name: 'gatekeeper' });
    gatekeeper.on('error', () => undefined);
    await gatekeeper.connect();
    await gatekeeper.query(
      `create table item (n bigint primary key, filler text);
       insert into item select n, repeat('x', 500) from generate_series(1, ${ROWS}) n`,
    );
    await gatekeeper.query('vacuum analyze item');
  });
  afterEach(async () => {
    await gatekeeper.query('select pg_advisory_unlock_all()');
    await gatekeeper.query(
      'drop table if exists item cascade; drop schema if exists slipway cascade',
    );
    await gatekeeper.end();
    await Promise.all(open.map((each) => each.close()));
  });

  async function connect(
    options: Parameters<typeof openHistory>[1] = {},
    url = database.url,
  ): Promise<Watched> {
    const history = await openHistory(url, { pace: PACE, ...options });
    open.push(history);
    const seen: StatementProgress[] = [];
    history.db.sql.onProgress((progress) => seen.push(progress));
    const sees: Watched['sees'] = (has) =>
      vi.waitFor(
        () => {
          const found = seen.find(has);
          if (found !== undefined) return found;
          throw new Error(`not seen in ${seen.length}: ${JSON.stringify(seen.at(-1))}`);
        },
        { timeout: 20_000, interval: 10 },
      );
    return { ...history, seen, sees };
  }

  return {
    get url() {
      return database.url;
    },
    shut: (...rows) =>
      Promise.all(
        rows.map((row) => gatekeeper.query(`select pg_advisory_lock(${NAMESPACE}, ${row})`)),
      ),
    release: (row) => gatekeeper.query(`select pg_advisory_unlock(${NAMESPACE}, ${row})`),
    connect,
    async held(sql, until, session) {
      const watched = session ?? (await connect());
      const done = watched.db.sql.outside(await statementOf(sql), PATIENT);
      // A statement that fails is told by the last line.
      done.catch(() => undefined);
      const progress = await Promise.race([until(watched), done.then(() => undefined)]);
      await gatekeeper.query('select pg_advisory_unlock_all()');
      await done;
      if (progress === undefined) throw new Error('it ended before it was seen');
      return progress;
    },
  };
}
