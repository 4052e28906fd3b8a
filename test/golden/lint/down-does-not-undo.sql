-- case: one of two columns
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text, add column fax text;

-- slipway:down
alter table users drop column phone;

-- case: an index on a column from before
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- An example

-- slipway:up
create table logins (id bigint primary key);
create index concurrently users_email on users (email);

-- slipway:down
drop table logins;

-- case: an index on a new table goes with it
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table users (id bigint primary key, email text);
create index users_email on users (email);

-- slipway:down
drop table users;

-- case: an index on a new column goes with it
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- An example

-- slipway:up
alter table users add column email text;
create index concurrently users_email on users (lower(email)) where email is not null;

-- slipway:down
alter table users drop column email;

-- case: a type
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create type status as enum ('open');
create table tickets (id bigint primary key, status status);

-- slipway:down
drop table tickets;

-- case: a function behind a trigger
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create function stamp() returns trigger language plpgsql as 'begin return new; end';
create table users (id bigint primary key);
create trigger stamp before insert on users for each row execute function stamp();

-- slipway:down
drop table users;

-- case: the same with its function
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create function stamp() returns trigger language plpgsql as 'begin return new; end';
create table users (id bigint primary key);
create trigger stamp before insert on users for each row execute function stamp();

-- slipway:down
drop table users;
drop function stamp();

-- case: a constraint under the name that Postgres chooses
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table orders add check (total >= 0) not valid;

-- slipway:down
alter table orders drop constraint orders_total_check;

-- case: another constraint
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table orders add constraint orders_total check (total >= 0) not valid;

-- slipway:down
alter table orders drop constraint orders_sum;

-- case: an index that a constraint takes over
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- slipway:compatible yes nobody has two
-- An example

-- slipway:up
create unique index concurrently users_email_key on users (email);
alter table users add constraint users_email_key unique using index users_email_key;

-- slipway:down
alter table users drop constraint users_email_key;
comment on table users is null;

-- case: a renamed table, back under its name
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table users rename to customers;

-- slipway:down
alter table customers rename to users;

-- case: a renamed table whose columns change on the way
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table users rename to customers;
alter table customers add column phone text;

-- slipway:down
alter table customers rename to users;
alter table users drop column phone;

-- case: one of two renames
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table users rename column name to full_name;
alter table users rename column mail to email;

-- slipway:down
alter table users rename column email to mail;

-- case: a table in another schema
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
alter table invoices set schema billing;

-- slipway:down
comment on table billing.invoices is null;

-- case: a view that is dropped and not brought back
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
drop view active_users;
create table logins (id bigint primary key);

-- slipway:down
drop table logins;

-- case: a view that is dropped and brought back
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
drop view active_users;

-- slipway:down
create view active_users as select id from users;

-- case: a view that gives way to a new version
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- slipway:phase contract
-- An example

-- slipway:up
drop view active_users;
create view active_users as select id, name from users;

-- slipway:down
drop view active_users;
create view active_users as select id from users;

-- case: names with and without a schema
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table app.users (id bigint primary key);
create table logins (id bigint primary key);

-- slipway:down
drop table users;
drop table app.logins;

-- case: a schema with all that is in it
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create schema reports;
create table reports.totals (id bigint primary key);
create view reports.sums as select 1 as id;

-- slipway:down
drop schema reports cascade;

-- case: what may have been there
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create extension if not exists pgcrypto;
create table users (id bigint primary key);

-- slipway:down
drop table users;

-- case: a do block may do it
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table users (id bigint primary key);

-- slipway:down
do $$ begin execute 'drop table users'; end $$;

-- case: a policy
-- expect: down-does-not-undo
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create policy own_rows on "App"."Documents" using (true);
create policy all_rows on "App"."Documents" using (true);

-- slipway:down
drop policy own_rows on "App"."Documents";

-- case: a partition goes with its table
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create table m (at date not null) partition by range (at);
create table m_2026 partition of m for values from ('2026-01-01') to ('2027-01-01');

-- slipway:down
drop table m;

-- case: a sequence that a column owns
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
create sequence order_numbers;
alter table orders add column number bigint;
alter sequence order_numbers owned by orders.number;

-- slipway:down
alter table orders drop column number;

