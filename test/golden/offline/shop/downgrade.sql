-- slipway <version>: downgrade 2b3c:base --sql
-- From 2b3c4d5e6f7a to base.
--
-- Run it whole: psql -X -v ON_ERROR_STOP=1 -f FILE
-- It refuses a database that is not where it starts, and commits each revision by itself.
--
-- 2b3c4d5e6f7a  Find products by name
-- 1a2b3c4d5e6f  Create products; what customers see

\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT on
\set SINGLELINE off
\set FETCH_COUNT 0
\set QUIET on
set client_encoding = 'UTF8';
select pg_try_advisory_lock('-8499601063509740756'::bigint) as locked
\gset slipway_
\if :slipway_locked
set client_connection_check_interval = '2s'; set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = '40s'; set idle_session_timeout = 0;
\else
do $slipway$
begin raise exception using message = 'another session holds the migration lock of schema "slipway"', hint = 'Nothing was changed. slipway status shows who it is; run the script when it has finished.'; end
$slipway$;
\endif

-- Only for a database that is at 2b3c4d5e6f7a.
do $slipway$
declare
  slipway_now record;
begin
  if to_regclass('slipway.summary') is null then
    raise exception using message = 'this script starts from 2b3c4d5e6f7a, and slipway has never migrated this database', hint = 'Nothing was changed. Write a script that starts from base.';
  end if;
  select s.heads, s.digest, s.floor, s.format,
    (select string_agg(r.id, ', ' order by r.id) from slipway.revision r where r.state = 'partial')
      as partial
  into slipway_now
  from slipway.summary s;
  if slipway_now.format is null or slipway_now.format > 3 then
    raise exception using message = 'this script writes format 3 of the history schema, and the database has a newer one', hint = 'Nothing was changed. Write the script with the newer slipway.';
  end if;
  if slipway_now.partial is not null then
    raise exception using
      message = 'half applied: ' || slipway_now.partial,
      hint = 'Nothing was changed. slipway upgrade or slipway downgrade finishes it; a script cannot.';
  end if;
  if slipway_now.digest is distinct from '0fba5b464d28dbd9734dc5111546f8768a2a486e82d35c4c373f05e7e756b341'
    or slipway_now.floor is distinct from null then
    raise exception using
      message = case when slipway_now.heads = '{"2b3c4d5e6f7a"}'
        then 'this script starts from 2b3c4d5e6f7a; so is the database, with other files or in another order'
        else 'this script starts from 2b3c4d5e6f7a, and the database is at '
          || coalesce(nullif(array_to_string(slipway_now.heads, ', '), ''), 'base') end,
      hint = 'Nothing was changed. Write the script anew for this database, with "current" as the start of its range.';
  end if;
end
$slipway$;

-- The history schema in format 2, where it is an older one.
select format < 2 as old_format from slipway.summary
\gset slipway_
\if :slipway_old_format
begin read write; set local lock_timeout = '10s';
create table slipway.backfill (
          revision text not null,
          direction text not null,
          ordinal integer not null,
          digest text not null,
          cursor text,
          keys_done bigint not null default 0,
          rows_done bigint not null default 0,
          batches bigint not null default 0,
          started_at timestamptz not null default clock_timestamp(),
          updated_at timestamptz not null default clock_timestamp(),
          primary key (revision, direction, ordinal),
          foreign key (revision, direction, ordinal) references slipway.statement on delete cascade
        ) with (fillfactor = 50);
comment on table slipway.backfill is 'How far each backfill has come: a row per statement of the journal';
revoke all on all tables in schema slipway from public;
revoke all on all sequences in schema slipway from public;
update slipway.summary set format = 2, readable_since = 1;
commit;
\endif

-- The history schema in format 3, where it is an older one.
select format < 3 as old_format from slipway.summary
\gset slipway_
\if :slipway_old_format
begin read write; set local lock_timeout = '10s';
create table slipway.soft_drop (
          id bigint primary key generated always as identity,
          revision text not null,
          kind text not null check (kind in ('column', 'table')),
          schema_name text not null,
          table_name text not null,
          column_name text,
          hidden_name text not null,
          lifted jsonb not null,
          hidden_at timestamptz not null default clock_timestamp(),
          role text not null default current_user,
          purged_at timestamptz,
          check ((kind = 'column') = (column_name is not null))
        );
create index soft_drop_revision on slipway.soft_drop (revision);
comment on table slipway.soft_drop is 'What revisions have hidden instead of dropped, and what was lifted for that';
revoke all on all tables in schema slipway from public;
revoke all on all sequences in schema slipway from public;
update slipway.summary set format = 3, readable_since = 1;
commit;
\endif
-- downgrade 2b3c4d5e6f7a  Find products by name
-- migrations/20260101000002_find_products.sql

begin isolation level read committed read write; reset all; set client_encoding = 'UTF8'; reset session authorization; reset role; set client_connection_check_interval = '2s'; set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = '40s'; set idle_session_timeout = 0; set local standard_conforming_strings = on; set local lock_timeout = 3000; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = '60s';
do $slipway$
declare
  slipway_moved boolean;
begin
  with changed as (
      update slipway.revision set state = 'partial' where id = '2b3c4d5e6f7a'
    ), journal as (
      delete from slipway.statement
      where revision = '2b3c4d5e6f7a' and direction = 'upgrade'
    ), logged as (
      insert into slipway.log
        (event, revision, run_id, pod, namespace, node, image, release, version, detail)
      values ('begin', '2b3c4d5e6f7a', '546961da6042', null, null, null, null, null, '<version>', '{"direction":"downgrade","heads":["1a2b3c4d5e6f"]}')
    )
    update slipway.summary
    set heads = '{"1a2b3c4d5e6f"}', digest = '221c87deec4c414e3239a6af1626febfcef54af75972d7eea7d6292e9fa70d0b',
      applied = 1, floor = null,
      updated_at = clock_timestamp()
    where digest = '0fba5b464d28dbd9734dc5111546f8768a2a486e82d35c4c373f05e7e756b341'
    returning true as moved
  into slipway_moved;
  if slipway_moved is null then
    raise exception using message = 'the history of schema "slipway" was changed while this script ran', hint = 'This transaction was rolled back. slipway status shows where the database is; write the script anew for it.';
  end if;
end
$slipway$;
insert into slipway.statement
        (revision, direction, ordinal, digest, state, started_at, finished_at)
      values ('2b3c4d5e6f7a', 'downgrade', -1, 'beginning', 'done', transaction_timestamp(),
        case when 'done' = 'started' then null else clock_timestamp() end)
      on conflict (revision, direction, ordinal) do update set
        digest = excluded.digest, state = excluded.state,
        started_at = case when excluded.state = 'started' then excluded.started_at
          else statement.started_at end,
        finished_at = case when excluded.state = 'started' then null
          else clock_timestamp() end;
commit;
insert into slipway.statement
        (revision, direction, ordinal, digest, state, started_at, finished_at)
      values ('2b3c4d5e6f7a', 'downgrade', 0, 'fbc46c100df522d75acd0650ea92aaad234988fa297a11592fca4d415bf208ab', 'started', transaction_timestamp(),
        case when 'started' = 'started' then null else clock_timestamp() end)
      on conflict (revision, direction, ordinal) do update set
        digest = excluded.digest, state = excluded.state,
        started_at = case when excluded.state = 'started' then excluded.started_at
          else statement.started_at end,
        finished_at = case when excluded.state = 'started' then null
          else clock_timestamp() end;
reset all; set client_encoding = 'UTF8'; reset session authorization; reset role; set client_connection_check_interval = '2s'; set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = '40s'; set idle_session_timeout = 0; set standard_conforming_strings = on; set lock_timeout = 600000; set statement_timeout = 0;
drop index concurrently products_name;
insert into slipway.statement
        (revision, direction, ordinal, digest, state, started_at, finished_at)
      values ('2b3c4d5e6f7a', 'downgrade', 0, 'fbc46c100df522d75acd0650ea92aaad234988fa297a11592fca4d415bf208ab', 'done', transaction_timestamp(),
        case when 'done' = 'started' then null else clock_timestamp() end)
      on conflict (revision, direction, ordinal) do update set
        digest = excluded.digest, state = excluded.state,
        started_at = case when excluded.state = 'started' then excluded.started_at
          else statement.started_at end,
        finished_at = case when excluded.state = 'started' then null
          else clock_timestamp() end;

begin isolation level read committed read write; reset all; set client_encoding = 'UTF8'; reset session authorization; reset role; set client_connection_check_interval = '2s'; set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = '40s'; set idle_session_timeout = 0; set local standard_conforming_strings = on; set local lock_timeout = 3000; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = '60s';
do $slipway$
declare
  slipway_moved boolean;
begin
  with changed as (
      delete from slipway.revision where id = '2b3c4d5e6f7a'
    ), journal as (
      delete from slipway.statement where revision = '2b3c4d5e6f7a'
    ), logged as (
      insert into slipway.log
        (event, revision, run_id, pod, namespace, node, image, release, version, detail)
      values ('downgrade', '2b3c4d5e6f7a', '546961da6042', null, null, null, null, null, '<version>', '{"heads":["1a2b3c4d5e6f"]}')
    )
    update slipway.summary
    set heads = '{"1a2b3c4d5e6f"}', digest = '221c87deec4c414e3239a6af1626febfcef54af75972d7eea7d6292e9fa70d0b',
      applied = 1, floor = null,
      updated_at = clock_timestamp()
    where digest = '221c87deec4c414e3239a6af1626febfcef54af75972d7eea7d6292e9fa70d0b'
    returning true as moved
  into slipway_moved;
  if slipway_moved is null then
    raise exception using message = 'the history of schema "slipway" was changed while this script ran', hint = 'This transaction was rolled back. slipway status shows where the database is; write the script anew for it.';
  end if;
end
$slipway$;
commit;
\echo slipway: reverted 2b3c4d5e6f7a

begin isolation level read committed read write; reset all; set client_encoding = 'UTF8'; reset session authorization; reset role; set client_connection_check_interval = '2s'; set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = '40s'; set idle_session_timeout = 0; set local standard_conforming_strings = on; set local lock_timeout = 3000; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = '60s';
-- downgrade 1a2b3c4d5e6f  Create products; what customers see
-- migrations/20260101000001_create_products.sql
-- hazard: loses table products (migrations/20260101000001_create_products.sql:27:1); approved by flag
drop function prices_up_to;
drop table products;
reset session authorization; reset role;
do $slipway$
declare
  slipway_moved boolean;
begin
  with changed as (
      delete from slipway.revision where id = '1a2b3c4d5e6f'
    ), journal as (
      delete from slipway.statement where revision = '1a2b3c4d5e6f'
    ), logged as (
      insert into slipway.log
        (event, revision, run_id, pod, namespace, node, image, release, version, detail)
      values ('downgrade', '1a2b3c4d5e6f', '546961da6042', null, null, null, null, null, '<version>', '{"heads":[],"approvedBy":"flag","hazards":["data-loss: loses table products"]}')
    )
    update slipway.summary
    set heads = '{}', digest = '0000000000000000000000000000000000000000000000000000000000000000',
      applied = 0, floor = null,
      updated_at = clock_timestamp()
    where digest = '221c87deec4c414e3239a6af1626febfcef54af75972d7eea7d6292e9fa70d0b'
    returning true as moved
  into slipway_moved;
  if slipway_moved is null then
    raise exception using message = 'the history of schema "slipway" was changed while this script ran', hint = 'This transaction was rolled back. slipway status shows where the database is; write the script anew for it.';
  end if;
end
$slipway$;
commit;
\echo slipway: reverted 1a2b3c4d5e6f

select pg_advisory_unlock('-8499601063509740756'::bigint), pg_notify('slipway -8499601063509740756', '')
\gset slipway_
