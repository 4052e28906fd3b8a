-- case: squawk: a column that becomes not null
-- expect: set-not-null-scans
ALTER TABLE "recipe" ALTER COLUMN "view_count" SET NOT NULL;

-- case: squawk: with a check that is validated before
-- expect: nothing
-- header: transaction none
-- header: compatible yes every release writes it
ALTER TABLE "recipe" ADD CONSTRAINT view_count_not_null
    CHECK ("view_count" IS NOT NULL) NOT VALID;
ALTER TABLE "recipe" VALIDATE CONSTRAINT view_count_not_null;
ALTER TABLE "recipe" ALTER COLUMN "view_count" SET NOT NULL;

-- case: squawk: a column with a constant default
-- expect: nothing
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer DEFAULT 10 NOT NULL;

-- case: strong_migrations: a column that becomes not null
-- expect: set-not-null-scans
alter table users alter column some_column set not null;

-- case: strong_migrations: a check, validated in the next revision
-- expect: nothing
-- file: 1_check.sql
-- slipway:revision a1
-- slipway:revises r1
-- slipway:compatible yes every release writes it
-- slipway:irreversible it is an example
-- Add a check

-- slipway:up
alter table users add constraint users_some_column_null check (some_column is not null) not valid;
-- file: 2_validate.sql
-- slipway:revision a2
-- slipway:revises a1
-- slipway:compatible yes every release writes it
-- slipway:transaction none
-- slipway:irreversible it is an example
-- Validate it

-- slipway:up
alter table users validate constraint users_some_column_null;
alter table users alter column some_column set not null;
alter table users drop constraint users_some_column_null;

-- case: the check is validated, but says something else
-- expect: set-not-null-scans
-- header: transaction none
-- header: compatible yes every release writes it
alter table users add constraint c check (email is not null) not valid;
alter table users validate constraint c;
alter table users alter column phone set not null;

-- case: the check is not validated
-- expect: set-not-null-scans
-- header: transaction none
-- header: compatible yes every release writes it
alter table users add constraint c check (email is not null) not valid;
alter table users alter column email set not null;

-- case: the check was dropped before
-- expect: set-not-null-scans
-- header: transaction none
-- header: compatible yes every release writes it
alter table users add constraint c check (email is not null) not valid;
alter table users validate constraint c;
alter table users drop constraint c;
alter table users alter column email set not null;

-- case: the check says more
-- expect: nothing
-- header: transaction none
-- header: compatible yes every release writes it
alter table app.users add constraint c check (email is not null and email <> '') not valid;
alter table app.users validate constraint c;
alter table app.users alter column email set not null;

-- case: the check leaves a way out
-- expect: set-not-null-scans
-- header: transaction none
-- header: compatible yes every release writes it
alter table users add constraint c check (email is not null or phone is not null) not valid;
alter table users validate constraint c;
alter table users alter column email set not null;

-- case: two columns in quotes
-- expect: set-not-null-scans
alter table "App"."Users" alter column "E-Mail" set not null, alter phone set not null;

-- case: Postgres 18: a not null that is not valid yet
-- expect: nothing
-- postgres: 18
-- header: transaction none
-- header: compatible yes every release writes it
alter table users add constraint users_email_not_null not null email not valid;
alter table users validate constraint users_email_not_null;

-- case: Postgres 18: a not null that is checked at once
-- expect: set-not-null-scans
-- postgres: 18
alter table users add constraint users_email_not_null not null email;

-- case: a table of this file
-- expect: nothing
create table users (id bigint primary key, email text);
alter table users alter column email set not null;
