-- case: a column that old code reads
-- expect: drop-not-null
alter table users alter column email drop not null;

-- case: quoted, with a schema
-- expect: drop-not-null
alter table "App"."Users" alter column "Email" drop not null;

-- case: two in one statement
-- expect: drop-not-null
alter table users alter column email drop not null, alter column phone drop not null;

-- case: a column that this release added
-- expect: nothing
alter table users add column email text not null default '';
alter table users alter column email drop not null;

-- case: a column of a new table
-- expect: nothing
create table users (id bigint primary key, email text not null);
alter table users alter column email drop not null;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter table users alter column email drop not null;

-- case: old code copes
-- expect: nothing
-- header: compatible yes every reader has taken null for none since release 7
alter table users alter column email drop not null;

-- case: squawk's marker value
-- expect: nothing
alter table users alter column email set default '';
