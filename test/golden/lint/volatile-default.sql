-- case: squawk: a constant default
-- expect: nothing
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer DEFAULT 10 NOT NULL;

-- case: squawk: a column, then its default
-- expect: nothing
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer;
ALTER TABLE "core_recipe" ALTER COLUMN "foo" SET DEFAULT 10;

-- case: strong_migrations: a uuid for each row
-- expect: volatile-default
alter table users add column some_column uuid default gen_random_uuid();

-- case: strong_migrations: a column, then its default
-- expect: nothing
alter table users add column some_column uuid;
alter table users alter column some_column set default gen_random_uuid();

-- case: now and its like are the same for all rows
-- expect: nothing
alter table users
  add column a timestamptz default now(),
  add column b timestamptz default current_timestamp,
  add column c date default (now() at time zone 'utc')::date,
  add column d jsonb default '{}'::jsonb,
  add column e text default lower(current_user),
  add column f int[] default array[1, 2];

-- case: the clock is not
-- expect: volatile-default
alter table users add column seen timestamptz default clock_timestamp();

-- case: a number out of a sequence
-- expect: volatile-default
alter table users add column number bigint default nextval('users_number');

-- case: within an expression
-- expect: volatile-default
alter table "App"."Users" add column "Code" text not null default 'x' || md5(random()::text);

-- case: a function of one's own
-- expect: volatile-default
alter table users add column code text default app.new_code();

-- case: one of a schema that hides a function of Postgres
-- expect: volatile-default
alter table users add column code text default app.lower('A');

-- case: a function of an extension
-- expect: volatile-default
alter table users add column if not exists token uuid default public.uuid_generate_v4();

-- case: a table of this file
-- expect: nothing
create table users (id bigint primary key);
alter table users add column token uuid default gen_random_uuid();

-- case: second of two columns
-- expect: volatile-default
alter table users add column a int default 1, add column b double precision default random();
