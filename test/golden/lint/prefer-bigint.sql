-- case: squawk's serial
-- expect: prefer-bigint
CREATE TABLE posts (
  id serial primary key
);

-- case: squawk's int
-- expect: prefer-bigint
CREATE TABLE posts (
  id int primary key
);

-- case: squawk's smallserial
-- expect: prefer-bigint
CREATE TABLE posts (
  id smallserial primary key
);

-- case: squawk's smallint
-- expect: prefer-bigint
CREATE TABLE posts (
  id smallint primary key
);

-- case: a key of several columns
-- expect: prefer-bigint
create table app."Members" (team integer, "User" int4, primary key (team, "User"));

-- case: a foreign key that is added
-- expect: prefer-bigint
alter table posts add column author int2;
alter table posts add column "Editor_id" integer, add column note text;

-- case: a key that is changed
-- expect: prefer-bigint, column-type-rewrite
-- header: phase contract
alter table posts alter column id type int;

-- case: squawk's bigserial
-- expect: nothing
CREATE TABLE posts (
  id bigserial primary key
);

-- case: squawk's bigint
-- expect: nothing
CREATE TABLE posts (
  id bigint primary key
);

-- case: numbers that count nothing
-- expect: nothing
create table posts (id bigint primary key, year smallint, stars integer);
