-- case: squawk: a stored generated column
-- expect: stored-generated-column
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer GENERATED ALWAYS as ("bar" + "baz") STORED;

-- case: squawk: a column and a trigger
-- expect: nothing
-- header: compatible yes the trigger fills the new column only
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer;
CREATE FUNCTION foo_update_trigger()
RETURNS trigger AS '
BEGIN
NEW.foo := NEW.bar + NEW.baz;
RETURN NEW;
END' LANGUAGE plpgsql;
CREATE TRIGGER update_foo_column
BEFORE INSERT ON core_recipe
FOR EACH ROW
EXECUTE PROCEDURE foo_update_trigger();

-- case: strong_migrations: a stored generated column
-- expect: stored-generated-column
alter table users add column some_column text generated always as (lower(email)) stored;

-- case: a virtual one
-- expect: nothing
-- postgres: 18
alter table users add column some_column text generated always as (lower(email)) virtual;

-- case: in quotes, beside another column
-- expect: stored-generated-column
alter table "App"."Users" add column a int, add column "Low" text generated always as (lower("E-Mail")) stored;

-- case: a table of this file
-- expect: nothing
create table users (email text);
alter table users add column low text generated always as (lower(email)) stored;

-- case: a new table
-- expect: nothing
create table users (email text, low text generated always as (lower(email)) stored);
