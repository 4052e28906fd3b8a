/** Statements that run outside a transaction, and how each is held in the middle. */

/** One kind of statement, there and back. */
export interface Kind {
  readonly name: string;
  /** Makes what the statement works on, beside the table `t`. */
  readonly setup?: string;
  readonly up: string;
  readonly down: string;
  /** What another session does in an open transaction, so that the statement waits for it. */
  readonly hold: string;
  /** The same on the way down, where it differs. */
  readonly holdDown?: string;
  /** A query whose one value tells where the database is. */
  readonly state: string;
  readonly isDown: string;
  readonly isUp: string;
}

/** What all kinds work on. */
export const TABLE = `
  create table t (id bigint primary key, name text, n int not null default 0);
  insert into t select i, 'name ' || i from generate_series(1, 20) i;`;

const WRITER = 'update t set n = n where id = 1';
const SHARE_UPDATE_EXCLUSIVE = 'lock table t in share update exclusive mode';

/** Each index of `t` and of its TOAST table that is more than the primary key, and if it is valid. */
const INDEXES = `
  select coalesce(string_agg(c.relname || ' ' || i.indisvalid, ', ' order by c.relname), '') as it
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where (i.indrelid = 't'::regclass and not i.indisprimary)
    or (i.indrelid = (select reltoastrelid from pg_class where oid = 't'::regclass)
      and not i.indisvalid)`;

/** Kinds that need nothing of the server as a whole. */
export const KINDS: readonly Kind[] = [
  {
    name: 'create and drop index concurrently',
    up: `create unique index concurrently if not exists t_x on only public . "t"
      using btree (lower(t.name) text_pattern_ops desc nulls last, id) include (n)
      with (fillfactor = 70) where t.id > 0;`,
    down: 'drop index concurrently t_x;',
    hold: WRITER,
    state: INDEXES,
    isDown: '',
    isUp: 't_x true',
  },
  {
    name: 'create index concurrently without a name',
    up: 'create index concurrently on t (id, name);',
    down: 'drop index concurrently if exists t_id_name_idx;',
    hold: WRITER,
    state: INDEXES,
    isDown: '',
    isUp: 't_id_name_idx true',
  },
  {
    name: 'reindex table and reindex index concurrently',
    setup: 'create index t_n on t (n, name)',
    up: 'reindex table concurrently t;',
    down: 'reindex (concurrently) index t_n;',
    hold: WRITER,
    state: INDEXES,
    isDown: 't_n true',
    isUp: 't_n true',
  },
  {
    name: 'reindex schema concurrently',
    setup: 'create index t_n on t (n, name)',
    up: 'reindex schema concurrently public;',
    down: 'vacuum t;',
    hold: WRITER,
    holdDown: SHARE_UPDATE_EXCLUSIVE,
    state: INDEXES,
    isDown: 't_n true',
    isUp: 't_n true',
  },
  {
    name: 'detach partition concurrently and attach partition',
    setup: `create table m (k int, v text) partition by list (k);
      create table p partition of m for values in (1); insert into m values (1, 'one');`,
    up: 'alter table m detach partition p concurrently;',
    down: 'alter table m attach partition p for values in (1);',
    hold: 'select from m; select from p',
    state: `select concat((select inhdetachpending from pg_inherits where inhrelid = 'p'::regclass),
      ' ', (select count(*) from m)) as it`,
    isDown: 'f 1',
    isUp: ' 0',
  },
  {
    name: 'alter type add value',
    setup: "create type mood as enum ('bad', 'good')",
    up: "alter type mood add value 'fine' after 'bad';",
    down: `-- slipway:idempotent
      delete from pg_enum where enumtypid = 'mood'::regtype and enumlabel = 'fine';`,
    holdDown: 'lock table pg_enum in share row exclusive mode',
    hold: "alter type mood add value 'other'",
    state: 'select enum_range(null::mood)::text as it',
    isDown: '{bad,good}',
    isUp: '{bad,fine,good}',
  },
  {
    name: 'validate constraint',
    setup: 'alter table t add constraint c check (id > 0) not valid',
    up: 'alter table t validate constraint c;',
    down: `alter table t drop constraint c;
      alter table t add constraint c check (id > 0) not valid;`,
    hold: SHARE_UPDATE_EXCLUSIVE,
    state: "select convalidated::text as it from pg_constraint where conname = 'c'",
    isDown: 'false',
    isUp: 'true',
  },
  {
    name: 'create and drop table',
    up: 'create table u (id bigint references t);\ncreate index concurrently u_id on u (id);',
    down: 'drop index concurrently u_id;\ndrop table u;',
    hold: SHARE_UPDATE_EXCLUSIVE,
    holdDown: `${SHARE_UPDATE_EXCLUSIVE}; select from u`,
    state: "select concat(to_regclass('u'), ' ', to_regclass('u_id')) as it",
    isDown: ' ',
    isUp: 'u u_id',
  },
  {
    name: 'alter table set',
    up: 'alter table t alter column name set statistics 500;\nalter table t set (fillfactor = 70);',
    down: 'alter table t reset (fillfactor);\nalter table t alter column name set statistics -1;',
    hold: SHARE_UPDATE_EXCLUSIVE,
    state: `select concat(nullif(nullif(a.attstattarget, -1), null), ' ', c.reloptions) as it
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'name'
      where c.oid = 't'::regclass`,
    isDown: ' ',
    isUp: '500 {fillfactor=70}',
  },
  {
    name: 'rows that change',
    up: 'update t set n = n + 1;',
    down: 'update t set n = n - 1;',
    hold: WRITER,
    state: 'select sum(n)::text as it from t',
    isDown: '0',
    isUp: '20',
  },
  {
    name: 'vacuum and analyze',
    up: 'vacuum (full) t;',
    down: 'analyze t;',
    hold: SHARE_UPDATE_EXCLUSIVE,
    state: "select 'same' as it",
    isDown: 'same',
    isUp: 'same',
  },
  {
    name: 'cluster and refresh materialized view',
    setup: 'create materialized view v as select id, n from t; create unique index v_id on v (id)',
    up: 'cluster t using t_pkey;',
    down: 'refresh materialized view concurrently v;',
    hold: 'select from t',
    holdDown: 'refresh materialized view v',
    state: 'select count(*)::text as it from v',
    isDown: '20',
    isUp: '20',
  },
];

/** Kinds that the whole server takes part in. */
export const SERVER_KINDS: readonly Kind[] = [
  {
    name: 'create and drop database',
    up: 'create database another;',
    down: 'drop database another;',
    hold: 'lock table pg_database in share mode',
    state: "select count(*)::text as it from pg_database where datname = 'another'",
    isDown: '0',
    isUp: '1',
  },
  {
    name: 'create and drop tablespace',
    setup: 'alter system set allow_in_place_tablespaces = on; select pg_reload_conf()',
    up: "create tablespace fast location '';",
    down: 'drop tablespace fast;',
    hold: 'lock table pg_tablespace in share mode',
    state: "select count(*)::text as it from pg_tablespace where spcname = 'fast'",
    isDown: '0',
    isUp: '1',
  },
];
