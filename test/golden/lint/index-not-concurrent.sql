-- case: squawk: an index of an existing table
-- expect: index-not-concurrent
CREATE INDEX "email_idx" ON "app_user" ("email");

-- case: squawk: the same concurrently
-- expect: nothing
-- header: transaction none
CREATE INDEX CONCURRENTLY "email_idx" ON "app_user" ("email");

-- case: strong_migrations: an index non-concurrently
-- expect: index-not-concurrent
create index index_users_on_some_column on users (some_column);

-- case: strong_migrations: an index concurrently
-- expect: nothing
-- header: transaction none
create index concurrently index_users_on_some_column on users (some_column);

-- case: strong_migrations: a reference with its index
-- expect: index-not-concurrent
alter table users add column city_id bigint;
create index index_users_on_city_id on users (city_id);

-- case: strong_migrations: a reference with its index built concurrently
-- expect: nothing
-- header: transaction none
alter table users add column city_id bigint;
create index concurrently index_users_on_city_id on users (city_id);

-- case: a table with its schema, in quotes
-- expect: index-not-concurrent
create index on "App"."User Events" using gin (payload jsonb_path_ops) where payload is not null;

-- case: a table of this file
-- expect: nothing
create table app.users (id bigint primary key, email text);
create index users_email on app.users (lower(email));

-- case: a table of this file by another name
-- expect: index-not-concurrent
create table audit.users (id bigint primary key, email text);
create index users_email on users (lower(email));

-- case: a table that may have been there
-- expect: index-not-concurrent
create table if not exists users (id bigint primary key, email text);
create index users_email on users (lower(email));

-- case: a partitioned table, on itself alone
-- expect: nothing
create index orders_customer on only orders (customer_id);

-- case: an index of a partition is attached
-- expect: nothing
alter index orders_customer attach partition orders_2024_customer;

-- case: an index if it does not exist
-- expect: index-not-concurrent
create index if not exists users_email on users (email);

-- case: an index of a temporary table
-- expect: nothing
create temporary table picked (id bigint);
create index on picked (id);

-- case: an index in a schema of this file
-- expect: nothing
create schema shop;
create table shop.orders (id bigint primary key);
create index on shop.orders (id);

-- case: a materialized view of this file
-- expect: nothing
create materialized view daily as select 1 as day with no data;
create unique index daily_day on daily (day);
