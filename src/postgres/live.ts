/** Looks at the live database: tables and their sizes, locks of others, what long work would meet. */

import { statfs } from 'node:fs/promises';
import { DatabaseFailure } from '../core/database-failure.ts';
import { LOCK_MODES, type LockMode } from '../core/locks.ts';
import type { LiveConditions, LiveDatabase, LiveRelation } from '../runner/ports.ts';
import { quoteIdentifier, quoteQualified } from '../sql/identifiers.ts';
import { sessionInfo } from './activity.ts';
import { searchPathParts } from './prelude.ts';
import type { Row, Session } from './session.ts';

/** The newest major that slipway knows, for where none is said. */
export const NEWEST_MAJOR = 18;

/** The live database as `session` sees it; names are looked up where revisions look them up. */
export function liveDatabase(session: Session, searchPath: string | undefined): LiveDatabase {
  return {
    major: session.serverVersion ?? NEWEST_MAJOR,

    async relations(names) {
      const asked = names.flatMap((each, number) =>
        candidates(each, searchPath).map((candidate) => ({ number, candidate, each })),
      );
      const rows = await session.own({
        text: RELATIONS,
        values: [
          asked.map(({ number }) => number),
          asked.map(({ each }) => each.target),
          asked.map(({ candidate }) => candidate),
        ],
      });
      return rows.flatMap((row): LiveRelation[] => {
        const name = names[Number(row['number'])];
        if (name === undefined) return [];
        const { schema, target } = name;
        return [
          {
            ...{ schema, target, name: name.name },
            oid: Number(row['oid']),
            relation: String(row['relation']),
            kind: KINDS[String(row['relkind'])] ?? 'relation',
            bytes: Number(row['bytes']),
            indexBytes: Number(row['index_bytes']),
            rows: row['rows'] === null ? undefined : Number(row['rows']),
          },
        ];
      });
    },

    async count(data) {
      const named = { schema: data.schema, name: data.name, target: 'relation' as const };
      const [found] = (await this.relations([named])) ?? [];
      if (found === undefined) return undefined;
      const counted = await countFor(session, found.relation, data.column);
      if (counted !== undefined) return { rows: counted, isEstimate: false };
      return found.rows === undefined ? undefined : { rows: found.rows, isEstimate: true };
    },

    async lockHolders(oids) {
      const rows = await session.own({ text: LOCK_HOLDERS, values: [oids] });
      return rows.flatMap((row) => {
        const mode = modeOf(String(row['mode']));
        if (mode === undefined) return [];
        const { oid, granted } = row;
        return [{ oid: Number(oid), mode, granted: granted === true, session: sessionInfo(row) }];
      });
    },

    async conditions() {
      const [[server], [oldest], replicas] = await Promise.all([
        session.own({ text: SERVER }),
        session.own({ text: OLDEST_TRANSACTION }),
        session.own({ text: REPLICAS }).catch(unlessHidden),
      ]);
      return {
        version: Number(server?.['version']),
        databaseBytes: Number(server?.['bytes']),
        oldestTransaction: oldest === undefined ? undefined : sessionInfo(oldest),
        replicas: replicasOf(replicas),
        diskFreeBytes: await freeBytes(session, server?.['data_directory']),
      };
    },
  };
}

const COUNT_LIMIT_MS = 2000;

/** Undefined where it takes too long, somebody has locked the table, or it may not be read. */
async function countFor(
  session: Session,
  relation: string,
  column: string | undefined,
): Promise<number | undefined> {
  const what = column === undefined ? '*' : quoteIdentifier(column);
  try {
    const answers = await session.ownAll([
      { text: 'begin read only' },
      { text: `set local statement_timeout = ${COUNT_LIMIT_MS}` },
      { text: `set local lock_timeout = ${COUNT_LIMIT_MS / 4}` },
      { text: `select count(${what}) as rows from ${relation}` },
      { text: 'commit' },
    ]);
    return Number(answers[3]?.[0]?.['rows']);
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.kind === 'connection-lost') throw error;
    await session.own({ text: 'rollback' });
    return undefined;
  }
}

function candidates(
  { schema, name }: { readonly schema: string | undefined; readonly name: string },
  searchPath: string | undefined,
): readonly string[] {
  if (schema !== undefined || searchPath === undefined) return [quoteQualified(schema, name)];
  return searchPathParts(searchPath).map((part) => quoteQualified(part, name));
}

/** `AccessExclusiveLock` as `access exclusive`; predicate locks are none that anybody waits for. */
function modeOf(mode: string): LockMode | undefined {
  const words = mode
    .replace(/Lock$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
  return LOCK_MODES.find((known) => known === words);
}

/** Some managed services keep their replicas to themselves. */
function unlessHidden(error: unknown): undefined {
  if (error instanceof DatabaseFailure && error.kind === 'privilege') return undefined;
  throw error;
}

/** Only a walsender's details are hidden from those who may not see them, not the walsender itself. */
function replicasOf(rows: readonly Row[] | undefined): LiveConditions['replicas'] {
  if (rows?.every((row) => row['state'] !== null) !== true) return undefined;
  return rows.map((row) => ({
    name: String(row['application_name']),
    lagMs: Math.round(Number(row['lag_ms'])),
  }));
}

/** A server on this machine's socket has this machine's disk; of any other nothing is known. */
async function freeBytes({ client }: Session, directory: unknown): Promise<number | undefined> {
  if (!client.host.startsWith('/') || typeof directory !== 'string') return undefined;
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  i: 'index',
  I: 'partitioned index',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  S: 'sequence',
  c: 'composite type',
};

/**
 * Sizes of relations that somebody has locked, or is about to lock, against all others are estimated
 * from the catalog: asking for their size would wait.
 */
const RELATIONS = `
  with asked as (
    select * from unnest($1::int[], $2::text[], $3::text[]) with ordinality
      as asked(number, target, candidate, place)
  ), named as (
    select distinct on (number) number, target, oid
    from asked, lateral (
      select case when target = 'tables of type' then to_regtype(candidate)::oid
        else to_regclass(candidate)::oid end as oid
    ) as found
    where oid is not null
    order by number, place
  ), leads as (
    select number, oid from named where target = 'relation'
    union
    select number, indrelid from named join pg_index on indexrelid = oid
    where target = 'table of index'
    union
    select number, d.refobjid
    from named
    join pg_rewrite r on r.ev_class = named.oid
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
      and d.refclassid = 'pg_class'::regclass and d.refobjid <> named.oid
    where target = 'tables of view'
    union
    select number, case when conrelid = named.oid then confrelid else conrelid end
    from named join pg_constraint on contype = 'f' and named.oid in (conrelid, confrelid)
    where target = 'tables of foreign keys'
    union
    select number, attrelid from named join pg_attribute on atttypid = named.oid
    where target = 'tables of type' and not attisdropped
  ), locked as (
    select relation from pg_locks where mode = 'AccessExclusiveLock' and relation is not null
      and database = (select oid from pg_database where datname = current_database())
  )
  select l.number, c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
    c.relkind, sum(s.bytes) as bytes, sum(s.index_bytes) as index_bytes, sum(s.rows) as rows
  from leads l
  join pg_class c on c.oid = l.oid
  join pg_namespace n on n.oid = c.relnamespace
  left join lateral (
    select
      case when isfree then pg_table_size(part.oid)
        else part.relpages::bigint * current_setting('block_size')::int end as bytes,
      case when isfree then pg_indexes_size(part.oid) else 0 end as index_bytes,
      nullif(greatest(part.reltuples, pg_stat_get_live_tuples(part.oid)), -1)::bigint as rows
    from pg_class part, lateral (
      select part.oid not in (select relation from locked) as isfree
    ) as f
    where part.relkind in ('r', 'm', 'i', 'S', 'f', 't') and part.oid in (
      select c.oid where c.relkind not in ('p', 'I')
      union all
      select relid from pg_partition_tree(case when c.relkind in ('p', 'I') then c.oid end)
    )
  ) as s on true
  where c.relkind in ('r', 'p', 'm', 'i', 'I', 'v', 'f', 'S')
  group by l.number, c.oid, n.nspname, c.relname, c.relkind
  order by l.number, bytes desc nulls last`;

const LOCK_HOLDERS = `
  select l.relation as oid, l.mode, l.granted, a.pid, a.application_name, a.usename,
    host(a.client_addr) as client, a.state, a.query,
    extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start)) * 1000 as age_ms
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  where l.relation = any($1::oid[]) and l.pid <> pg_backend_pid()
    and l.database = (select oid from pg_database where datname = current_database())
  order by l.granted desc, a.xact_start nulls last`;

const SERVER = `
  select current_setting('server_version_num') as version,
    pg_database_size(current_database()) as bytes,
    (select setting from pg_settings where name = 'data_directory') as data_directory`;

const OLDEST_TRANSACTION = `
  select pid, application_name, usename, host(client_addr) as client, state, query,
    extract(epoch from clock_timestamp() - xact_start) * 1000 as age_ms
  from pg_stat_activity
  where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
    and backend_type = 'client backend'
  order by xact_start limit 1`;

const REPLICAS = `
  select application_name, state, coalesce(extract(epoch from replay_lag) * 1000, 0) as lag_ms
  from pg_stat_replication
  where state is null or state in ('streaming', 'catchup')
  order by replay_lag desc nulls last`;
