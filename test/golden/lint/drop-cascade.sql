-- case: a view with all that is built on it
-- expect: drop-cascade
-- header: phase contract
drop view active_users cascade;

-- case: a table
-- expect: drop-cascade
-- header: phase contract
-- header: approve data-loss archived
drop table if exists app."Audit" cascade;

-- case: a type, and columns with it
-- expect: drop-cascade
-- header: phase contract
-- header: approve data-loss the columns are not in use
drop type status cascade;

-- case: a column
-- expect: drop-cascade
-- header: phase contract
-- header: approve data-loss archived
alter table users drop column phone cascade;

-- case: a unique constraint, and the foreign keys that rest on it
-- expect: drop-cascade
-- header: phase contract
alter table users drop constraint users_email_key cascade;

-- case: a function
-- expect: drop-cascade, drop-object
drop function total(bigint) cascade;

-- case: several in one statement
-- expect: drop-cascade
-- header: phase contract
drop view a, b cascade;

-- case: without cascade
-- expect: nothing
-- header: phase contract
drop view active_users;

-- case: restrict is the same
-- expect: nothing
-- header: phase contract
drop view active_users restrict;

-- case: a view of this release
-- expect: nothing
create view active_users as select 1 as id;
drop view active_users cascade;

-- case: a constraint of a new table
-- expect: nothing
create table users (id bigint primary key, email text constraint users_email unique);
alter table users drop constraint users_email cascade;
