-- case: squawk's example
-- expect: char-type
CREATE TABLE "app_user" (
    "id" serial NOT NULL PRIMARY KEY,
    "name" char(100) NOT NULL,
    "email" character NOT NULL
);

-- case: squawk's way out
-- expect: nothing
CREATE TABLE "app_user" (
    "id" serial NOT NULL PRIMARY KEY,
    "name" varchar(100) NOT NULL,
    "email" TEXT NOT NULL
);

-- case: several values
-- expect: char-type
create table t (a char[]);

-- case: national characters
-- expect: char-type
create table t (a nchar(3));

-- case: added
-- expect: char-type
alter table "App"."Users" add column "Country" char(2);

-- case: changed
-- expect: char-type, column-type-rewrite
alter table users alter column country type bpchar;

-- case: the type of one byte
-- expect: nothing
create table t (a "char");

-- case: varying
-- expect: nothing
create table t (a character varying(2));
