-- case: a table in an expand revision, as squawk has it
-- expect: drop-table
drop table "table_name";

-- case: if it exists
-- expect: drop-table
drop table if exists "table_name";

-- case: two at once, with schemas
-- expect: drop-table
drop table app.audit, "App"."Audit";

-- case: a foreign table
-- expect: drop-table
drop foreign table remote_users;

-- case: strong_migrations' create_table with force
-- expect: drop-table, drop-cascade
drop table if exists users cascade;
create table users (id bigint primary key);

-- case: strong_migrations' create_join_table with force
-- expect: drop-table, drop-cascade
drop table if exists assemblies_parts cascade;
create table assemblies_parts (assembly_id bigint not null, part_id bigint not null);

-- case: created without force
-- expect: nothing
create table users (id bigint primary key);

-- case: of two tables one is new
-- expect: drop-table
create table a (id bigint);
drop table a, b;

-- case: a table of this release
-- expect: nothing
create table staging (id bigint);
drop table staging;

-- case: a temporary table
-- expect: nothing
create temporary table staging as select 1 as id;
drop table staging;

-- case: a partition
-- expect: drop-table
drop table measurements_2019;

-- case: after the rollout and approved
-- expect: nothing
-- header: phase contract
-- header: approve data-loss there is a backup, and nobody has read it since March
drop table mytable;

-- case: squawk's own command, as it stands there
-- expect: drop-table
DROP TABLE mytable;

-- case: a table that the file before created
-- expect: nothing
-- file: migrations/1_a.sql
-- slipway:revision a
-- slipway:revises r1
-- Keep an audit log

-- slipway:up
create table audit (id bigint primary key);

-- slipway:down
drop table audit;
-- file: migrations/2_b.sql
-- slipway:revision b
-- slipway:revises a
-- Do not

-- slipway:up
drop table audit;

-- slipway:down
create table audit (id bigint primary key);
