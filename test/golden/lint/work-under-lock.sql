-- case: strong_migrations: a column is filled in the transaction that adds it
-- expect: work-under-lock
alter table users add column some_column text;
update users set some_column = 'default_value';

-- case: strong_migrations: in a revision of its own, in batches
-- expect: nothing
-- header: transaction none
-- slipway:backfill table=users key=id batch=10000 pause=10ms
update users set some_column = 'default_value'
where id between :from and :to and some_column is null;

-- case: squawk: a column, its default, then a backfill in batches
-- expect: nothing
-- header: transaction none
ALTER TABLE "core_recipe" ADD COLUMN "foo" integer;
ALTER TABLE "core_recipe" ALTER COLUMN "foo" SET DEFAULT 10;
-- slipway:backfill table=core_recipe key=id
update core_recipe set foo = 10 where id between :from and :to and foo is null;

-- case: another table is filled meanwhile
-- expect: work-under-lock
alter table users add column a text;
insert into audit.log (user_id) select id from app.orders;

-- case: single rows are changed
-- expect: nothing
alter table users add column a text;
update users set a = 'x' where id = 1;

-- case: a new table takes rows of an old one after a change
-- expect: work-under-lock
alter table users drop constraint users_name;
create table names as select name from users;

-- case: a new table takes rows of an old one
-- expect: nothing
create table names (name text);
insert into names select name from users;

-- case: a foreign key of a new table keeps writes away
-- expect: work-under-lock
create table names (user_id bigint references users (id), name text);
insert into names select id, name from users;

-- case: an older constraint is validated after a change
-- expect: work-under-lock
alter table users add column a text;
alter table orders validate constraint orders_user;

-- case: the change comes last
-- expect: nothing
insert into names (name) values ('a');
alter table users add column a text;

-- case: rows of the release only
-- expect: nothing
create table picked (id bigint primary key);
alter table users add column a text;
insert into picked select 1;
update picked set id = 2;
