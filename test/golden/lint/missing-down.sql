-- case: a new table
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table users (id bigint primary key);

-- slipway:down

-- case: a new column
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table "App"."Users" add column "Phone" text;

-- slipway:down

-- case: a concurrent index
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- An example

-- slipway:up
create index concurrently users_email on users (email);

-- slipway:down

-- case: a function
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create function one() returns int language sql as 'select 1';

-- slipway:down

-- case: a renamed index
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter index users_email rename to users_mail;

-- slipway:down

-- case: a dropped index
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- An example

-- slipway:up
drop index concurrently users_email;

-- slipway:down

-- case: another default
-- expect: missing-down
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users alter column state set default 'new';

-- slipway:down

-- case: a backfill
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- An example

-- slipway:up
-- slipway:backfill table=users key=id batch=5000
update users set email = lower(email)
where id between :from and :to and email <> lower(email);

-- slipway:down

-- case: rows
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
insert into plans (name) values ('team');

-- slipway:down

-- case: a merge
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up


-- slipway:down

-- case: a label of an enum, which Postgres cannot drop
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter type status add value 'done';

-- slipway:down

-- case: a comment
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
comment on table users is 'people';

-- slipway:down

-- case: an extension that may have been there
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create extension if not exists pgcrypto;

-- slipway:down

-- case: what nobody can read
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:compatible yes it only reads
-- An example

-- slipway:up
do $$ begin perform 1; end $$;

-- slipway:down

-- case: a table that goes again
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table staging (id bigint);
insert into plans (id) select id from staging;
drop table staging;

-- slipway:down

-- case: a temporary table
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create temporary table staging (id bigint);

-- slipway:down

-- case: a down section
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table users (id bigint primary key);

-- slipway:down
drop table users;

-- case: no way back, and the header says so
-- expect: nothing
create table users (id bigint primary key);
