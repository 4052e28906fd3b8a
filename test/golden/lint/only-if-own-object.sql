-- case: the table that was created above
-- expect: only-if-own-object
create table settings (name text primary key, value text);
-- slipway:only-if select not exists (select from settings where name = 'mode')
insert into settings (name, value) values ('mode', 'live');

-- case: its name in a string, with a schema
-- expect: only-if-own-object
create table app.settings (name text primary key, value text);
-- slipway:only-if select to_regclass('app.settings') is not null
insert into app.settings (name, value) values ('mode', 'live');

-- case: quoted
-- expect: only-if-own-object
create table "Settings" (name text primary key);
-- slipway:only-if select count(*) = 0 from "Settings"
insert into "Settings" (name) values ('mode');

-- case: a column that was added above
-- expect: only-if-own-object
alter table users add column phone text;
-- slipway:only-if select exists (select from information_schema.columns where table_name = 'users' and column_name = 'phone')
comment on column users.phone is 'as dialled';

-- case: a type
-- expect: only-if-own-object
create type status as enum ('open', 'done');
-- slipway:only-if select exists (select from pg_type where typname = 'status')
comment on type status is 'of a ticket';

-- case: created by the file before
-- expect: only-if-own-object
-- file: migrations/1_a.sql
-- slipway:revision a
-- slipway:revises r1
-- Settings

-- slipway:up
create table settings (name text primary key);

-- slipway:down
drop table settings;
-- file: migrations/2_b.sql
-- slipway:revision b
-- slipway:revises a
-- A setting

-- slipway:up
-- slipway:only-if select not exists (select from settings)
insert into settings (name) values ('mode');

-- slipway:down
delete from settings where name = 'mode';

-- case: the question whether there is something to create
-- expect: nothing
-- slipway:only-if select to_regclass('settings') is null
create table settings (name text primary key);

-- case: something from before
-- expect: nothing
create table settings (name text primary key);
-- slipway:only-if select exists (select from users)
insert into settings (name) values ('mode');

-- case: a table that may have been there
-- expect: nothing
create table if not exists settings (name text primary key);
-- slipway:only-if select not exists (select from settings)
insert into settings (name) values ('mode');
