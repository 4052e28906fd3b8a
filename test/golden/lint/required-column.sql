-- case: squawk's example
-- expect: required-column
ALTER TABLE "recipe" ADD COLUMN "public" boolean NOT NULL;

-- case: squawk's first way out
-- expect: nothing
ALTER TABLE "recipe" ADD COLUMN "public" boolean;

-- case: squawk's second way out
-- expect: nothing
ALTER TABLE "recipe" ADD COLUMN "public" boolean NOT NULL DEFAULT false;

-- case: with a schema, if it does not exist, beside others
-- expect: required-column
alter table "App"."Recipe" add column if not exists "Author" text not null, add column note text;

-- case: a default of null is none
-- expect: required-column
alter table recipe add column author text default null not null;

-- case: after the rollout the rows have no value either
-- expect: required-column
-- header: phase contract
alter table recipe add column author text not null;

-- case: a new table
-- expect: nothing
create table recipe (id bigint primary key);
alter table recipe add column author text not null;

-- case: computed from the row
-- expect: stored-generated-column
alter table recipe add column total numeric generated always as (price * 2) stored not null;

-- case: numbered, which is a rewrite and another rule
-- expect: serial-column
alter table recipe add column number bigint generated always as identity;
