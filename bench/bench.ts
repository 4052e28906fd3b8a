/** What every suite is handed: the server, the meter, the contenders' programs, and how long it may take. */

import type { Database, Databases } from './databases.ts';
import type { Meter } from './measure.ts';
import type { Deadline } from './pairs.ts';
import type { Peer } from './peers/peer.ts';
import type { Slipway } from './slipway.ts';

/** The surroundings of a run. */
export interface Bench {
  readonly databases: Databases;
  readonly meter: Meter;
  readonly slipway: Slipway;
  readonly peers: readonly Peer[];
  /** The Node that every Node program runs on. */
  readonly node: string;
  readonly psql: string;
  readonly deadline: Deadline;
  readonly mode: 'full' | 'quick';
  /** An empty folder nobody else was given. */
  newDir(): Promise<string>;
}

/** Throws unless all tables of `smallTables` are there: who does less is not in the race. */
export async function assertTables(database: Database, count: number): Promise<void> {
  const [row] = await database.query(
    `select count(*)::integer as tables
     from pg_class
     where relkind = 'r' and relname ~ '^t_[0-9]+$'`,
  );
  if (row?.['tables'] !== count) throw new Error(`made ${row?.['tables']} of ${count} tables`);
}
