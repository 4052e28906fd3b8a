-- case: a table in use
-- expect: rename-table
alter table users rename to customers;

-- case: quoted, with a schema
-- expect: rename-table
alter table if exists "App"."Users" rename to "Customers";

-- case: a foreign table
-- expect: rename-table
alter foreign table remote_users rename to remote_customers;

-- case: two tables swapped
-- expect: rename-table
alter table users rename to users_old;
alter table users_new rename to users;

-- case: squawk's first step, a view
-- expect: nothing
CREATE VIEW user_favorites as SELECT * FROM user_stars;

-- case: squawk's last step, after the rollout
-- expect: nothing
-- header: phase contract
DROP VIEW user_favorites;
ALTER TABLE user_stars RENAME TO user_favorites;

-- case: strong_migrations' way, a new table beside the old one
-- expect: nothing
create table customers (id bigint primary key, name text);

-- case: a table of this release
-- expect: nothing
create table users_new (id bigint primary key);
alter table users_new rename to customers;

-- case: somebody vouches, since a view takes its place
-- expect: nothing
-- header: compatible yes a view of the old name takes its place in the same transaction
alter table users rename to customers;
create view users as select * from customers;

-- case: an index is not named by code
-- expect: nothing
alter index users_email rename to customers_email;
