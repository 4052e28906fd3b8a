/** Soft drops for tests: revisions on real Postgres up and down, and the whole catalog before and after. */

import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import type { RunOutcome } from '../../src/core/outcome.ts';
import type { Revision } from '../../src/core/revision.ts';
import { parseTarget } from '../../src/core/target.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { releaseOf, revision } from './graph.ts';
import { type OpenHistory, openHistory } from './history-database.ts';
import { createDatabase, query, type Row } from './postgres.ts';
import { type TestSurroundings, testSurroundings } from './surroundings.ts';

const RUN = {
  limits: { lockTimeoutMs: 2000, lockRetries: 0, statementTimeoutMs: 0, single: false },
  lockWaitMs: 2000,
};
const GATE = {
  hazards: DEFAULT_HAZARD_POLICIES,
  hazardBytes: 0,
  approvals: new Set<string>(),
  approvedBy: 'environment',
  allowDataLoss: false,
} as const;

/** A database with everything that tests of soft drops do to it. */
export interface SoftDropPlace {
  readonly history: OpenHistory;
  readonly surroundings: TestSurroundings;
  readonly url: string;
  query(sql: string): Promise<Row[]>;
  up(...parts: readonly (string | Revision)[]): Promise<RunOutcome>;
  down(target: string): Promise<RunOutcome>;
  /** What was said while statements ran. */
  notices(): readonly string[];
  close(): Promise<void>;
}

/** An empty database. */
export async function softDropPlace(
  options: { readonly role?: string } = {},
): Promise<SoftDropPlace> {
  const database = await createDatabase();
  const history = await openHistory(database.url, options);
  const surroundings = testSurroundings();
  return {
    history,
    surroundings,
    url: database.url,
    query: (sql) => query(database.url, sql),
    up: (...parts) =>
      upgrade(
        history.db,
        releaseOf(...parts),
        { ...RUN, target: parseTarget('heads'), phase: 'all', onAhead: 'refuse', gate: GATE },
        surroundings,
      ),
    down: (target) =>
      downgrade(history.db, { ...RUN, target: parseTarget(target), gate: GATE }, surroundings),
    notices: () =>
      surroundings.reporter.events.flatMap((event) =>
        event.type === 'statement.notice' ? [`${event.severity}: ${event.message}`] : [],
      ),
    async close() {
      await history.close();
      await database.drop();
    },
  };
}

/** A revision that hides what is named, and brings it back in the opposite order. */
export function hiding(shape: string, ...objects: readonly string[]): Revision {
  return revision(shape, {
    up: objects.map((object) => `-- slipway:soft-drop ${object}`).join('\n'),
    down: objects
      .toReversed()
      .map((object) => `-- slipway:soft-restore ${object}`)
      .join('\n'),
  });
}

const MINE = "nspname !~ '^pg_' and nspname not in ('information_schema', 'slipway')";
const REL = 'pg_class c join pg_namespace n on n.oid = c.relnamespace';

/** Everything that the catalog says of what is not the system's, by what it is about. */
export async function catalogOf(url: string): Promise<Readonly<Record<string, Row[]>>> {
  const questions = {
    relations: `select c.oid::regclass::text, relkind, relacl::text, relowner::regrole::text, relreplident,
        relrowsecurity, obj_description(c.oid, 'pg_class') as comment,
        pg_get_expr(relpartbound, c.oid) as bound, pg_get_partkeydef(c.oid) as key
      from ${REL} where ${MINE} and relkind <> 't' order by 1`,
    columns: `select c.oid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
        attidentity, attgenerated, pg_get_expr(adbin, adrelid) as default, attacl::text,
        col_description(c.oid, attnum) as comment, attislocal, attinhcount
      from ${REL} join pg_attribute a on attrelid = c.oid left join pg_attrdef d on adrelid = c.oid and adnum = attnum
      where ${MINE} and attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm')
      order by 1, 2`,
    constraints: `select conrelid::regclass::text, conname, contype, pg_get_constraintdef(o.oid) as def, convalidated
      from pg_constraint o join ${REL} on c.oid = conrelid where ${MINE} order by 1, 2`,
    indexes: `select indrelid::regclass::text, pg_get_indexdef(indexrelid) as def, indisvalid
      from pg_index join ${REL} on c.oid = indrelid where ${MINE} order by 1, 2`,
    views: `select c.oid::regclass::text, pg_get_viewdef(c.oid) as def from ${REL}
      where ${MINE} and relkind in ('v', 'm') order by 1`,
    triggers: `select tgrelid::regclass::text, pg_get_triggerdef(t.oid) as def
      from pg_trigger t join ${REL} on c.oid = tgrelid where ${MINE} and not tgisinternal order by 1, 2`,
    policies: `select polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid) as qual
      from pg_policy join ${REL} on c.oid = polrelid where ${MINE} order by 1, 2`,
    statistics: 'select pg_get_statisticsobjdef(oid) as def from pg_statistic_ext order by 1',
    publications:
      'select pubname, schemaname, tablename from pg_publication_tables order by 1, 2, 3',
  };
  const answers = await Promise.all(
    Object.entries(questions).map(
      async ([name, question]) => [name, await query(url, question)] as const,
    ),
  );
  return Object.fromEntries(answers);
}
