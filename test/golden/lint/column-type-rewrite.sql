-- case: squawk: int to bigint
-- expect: column-type-rewrite
alter table user_email alter column user_id type bigint;

-- case: squawk: a new column instead
-- expect: nothing
alter table user_email add column new_user_id bigint;

-- case: strong_migrations: another type
-- expect: column-type-rewrite
alter table users alter column some_column type integer using some_column::integer;

-- case: strong_migrations: a new column instead
-- expect: nothing
alter table users add column some_column_new integer;

-- case: strong_migrations: another type that is not null
-- expect: column-type-rewrite
alter table users alter column some_column type jsonb using to_jsonb(some_column), alter column some_column set default '{}';

-- case: an expression, whatever the type
-- expect: column-type-rewrite
alter table users alter column name type text using trim(name);

-- case: a shorter varchar
-- expect: column-type-rewrite
-- file: 1_create.sql
-- slipway:revision a1
-- slipway:irreversible it is an example
-- Users

-- slipway:up
create table users (id bigint primary key, name varchar(50));
-- file: 2_shorten.sql
-- slipway:revision a2
-- slipway:revises a1
-- slipway:compatible yes names are short
-- slipway:irreversible it is an example
-- Shorter names

-- slipway:up
alter table app.users alter column name type varchar(20);

-- case: text out of a char
-- expect: char-type, column-type-rewrite
alter table users add column code char(10);
alter table users alter column code type text;

-- case: in quotes, by its long name
-- expect: column-type-rewrite
-- header: compatible yes nobody reads it
alter table "App"."Users" alter column "Order Id" set data type uuid using "Order Id"::uuid;

-- case: a table of this file
-- expect: nothing
create table users (id int primary key);
alter table users alter column id type bigint;

-- case: an array
-- expect: column-type-rewrite
-- header: compatible yes nobody reads it
alter table users alter column tags type text[] using tags::text[];
