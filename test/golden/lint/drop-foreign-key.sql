-- case: a key by Postgres' name
-- expect: drop-foreign-key
alter table orders drop constraint orders_user_id_fkey;

-- case: a key by Rails' name
-- expect: drop-foreign-key
alter table orders drop constraint fk_rails_f868b47f6a;

-- case: quoted, with a schema, if it exists
-- expect: drop-foreign-key
alter table "App"."Orders" drop constraint if exists "FK_Orders_User";

-- case: beside others
-- expect: drop-foreign-key
alter table orders add column note text, drop constraint orders_user_id_fkey;

-- case: another kind of constraint
-- expect: nothing
alter table orders drop constraint orders_total_check;

-- case: replaced in the same statement
-- expect: breaking-change
alter table orders
  drop constraint orders_user_id_fkey,
  add constraint orders_user_id_fkey foreign key (user_id) references users (id) on delete cascade not valid;

-- case: a key of a new table
-- expect: nothing
create table orders (id bigint primary key, user_id bigint constraint orders_user_id_fkey references users (id));
alter table orders drop constraint orders_user_id_fkey;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter table orders drop constraint orders_user_id_fkey;

-- case: somebody says why nobody needs it
-- expect: nothing
-- header: compatible yes users moved to a service of their own
alter table orders drop constraint orders_user_id_fkey;
