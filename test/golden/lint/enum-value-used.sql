-- case: as a default
-- expect: enum-value-used
alter type status add value 'archived';
alter table tasks alter column status set default 'archived';

-- case: in an update of one row
-- expect: enum-value-used
alter type app.status add value if not exists 'archived' after 'done';
update tasks set status = 'archived' where id = 1;

-- case: in an insert
-- expect: enum-value-used
alter type "App"."Status" add value 'in review';
insert into tasks (status) values ('in review'::"App"."Status");

-- case: another label
-- expect: nothing
alter type status add value 'archived';
insert into tasks (status) values ('done');

-- case: each statement a transaction
-- expect: nothing
-- header: transaction none
alter type status add value 'archived';
alter table tasks alter column status set default 'archived';

-- case: in the next revision
-- expect: nothing
-- file: 1_add.sql
-- slipway:revision a1
-- slipway:revises r1
-- slipway:irreversible it is an example
-- Add it

-- slipway:up
alter type status add value 'archived';
-- file: 2_use.sql
-- slipway:revision a2
-- slipway:revises a1
-- slipway:irreversible it is an example
-- Use it

-- slipway:up
alter table tasks alter column status set default 'archived';

-- case: a type of this transaction, before Postgres 17
-- expect: enum-value-used
-- postgres: 16
create type status as enum ('open');
alter type status add value 'archived';
create table tasks (status status default 'archived');

-- case: a type of this transaction
-- expect: nothing
-- postgres: 17
create type status as enum ('open');
alter type status add value 'archived';
create table tasks (status status default 'archived');
