-- case: squawk's example
-- expect: prefer-text
CREATE TABLE "app_user" (
    "id" serial NOT NULL PRIMARY KEY,
    "email" varchar(100) NOT NULL
);

-- case: squawk's way out
-- expect: nothing
CREATE TABLE "app_user" (
    "id" serial NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL
);
ALTER TABLE "app_user" ADD CONSTRAINT "text_size" CHECK (LENGTH("email") <= 100);

-- case: spelled out
-- expect: prefer-text
create table app_user (email character varying(100));

-- case: added, with the schema of the type
-- expect: prefer-text
alter table "App"."Users" add column "Email" pg_catalog.varchar(256) null;

-- case: several values
-- expect: prefer-text
create table app_user (emails varchar(100)[]);

-- case: another length
-- expect: prefer-text, column-type-may-rewrite
alter table app_user alter column email type varchar(1000);

-- case: without a length
-- expect: nothing
create table if not exists foo_table (bar_col varchar);

-- case: a check of its own
-- expect: nothing
create table app_user (id bigint primary key, email text not null check (length(email) <= 100));
