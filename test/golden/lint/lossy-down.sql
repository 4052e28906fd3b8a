-- case: all rows for two
-- expect: lossy-down, unbatched-backfill
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
insert into plans (name) values ('team');

-- slipway:down
delete from plans;

-- case: only those that came
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
insert into plans (name) values ('team');

-- slipway:down
delete from plans where name = 'team';

-- case: a table that may have been there
-- expect: lossy-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table if not exists audit (id bigint primary key);

-- slipway:down
drop table audit;

-- case: a table that was not
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table audit (id bigint primary key);

-- slipway:down
drop table audit;

-- case: under its later name
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table audit_new (id bigint primary key);
alter table audit_new rename to audit;

-- slipway:down
drop table audit;

-- case: under its earlier name
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table audit_new (id bigint primary key);
alter table audit_new rename to audit;

-- slipway:down
alter table audit rename to audit_new;
drop table audit_new;

-- case: a column from before
-- expect: lossy-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone, drop column fax;

-- case: truncate
-- expect: lossy-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
insert into "App"."Plans" (name) values ('team');

-- slipway:down
truncate "App"."Plans";

-- case: truncate of a new table
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table plans (name text primary key);

-- slipway:down
truncate plans;
drop table plans;

-- case: values that are cut
-- expect: lossy-down, column-type-may-rewrite, column-type-rewrite
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users alter column name type text;

-- slipway:down
alter table users alter column name type varchar(20) using left(name, 20);

-- case: a schema with all that is in it
-- expect: lossy-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create schema if not exists reports;

-- slipway:down
drop schema reports cascade;

-- case: a column that only some databases got
-- expect: lossy-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
-- slipway:only-if select current_database() = 'shop'
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;

