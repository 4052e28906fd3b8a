-- case: a column in use
-- expect: rename-column
alter table users rename column some_column to new_name;

-- case: quoted, with a schema, without the word column
-- expect: rename-column
alter table "App"."Users" rename "Name" to full_name;

-- case: a column of a view
-- expect: rename-column
alter view active_users rename column name to full_name;

-- case: if the table exists
-- expect: rename-column
alter table if exists users rename column name to full_name;

-- case: the new column beside the old one
-- expect: nothing
alter table users add column new_name text;

-- case: a column of this release
-- expect: nothing
alter table users add column nme text;
alter table users rename column nme to name;

-- case: a column of a new table
-- expect: nothing
create table users (id bigint primary key, nme text);
alter table users rename column nme to name;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter table users rename column name to full_name;

-- case: a constraint is not named by code
-- expect: nothing
alter table users rename constraint users_check to users_name_check;
