-- case: strong_migrations: a check validated in the transaction that adds it
-- expect: breaking-change, validate-in-same-transaction
alter table users add constraint price_check check (price > 0) not valid;
alter table users validate constraint price_check;

-- case: strong_migrations: a foreign key validated in the transaction that adds it
-- expect: breaking-change, validate-in-same-transaction
alter table users add constraint fk foreign key (order_id) references orders (id) not valid;
alter table users validate constraint fk;

-- case: in one statement
-- expect: validate-in-same-transaction
-- header: compatible yes prices were always positive
alter table "App".users add constraint "Price" check (price > 0) not valid, validate constraint "Price";

-- case: each statement a transaction
-- expect: nothing
-- header: transaction none
-- header: compatible yes prices were always positive
alter table users add constraint price_check check (price > 0) not valid;
alter table users validate constraint price_check;

-- case: one from before
-- expect: nothing
alter table users validate constraint price_check;

-- case: of a new table
-- expect: nothing
create table users (id bigint primary key, price numeric);
alter table users add constraint price_check check (price > 0) not valid;
alter table users validate constraint price_check;

-- case: in the next revision
-- expect: nothing
-- file: 1_add.sql
-- slipway:revision a1
-- slipway:revises r1
-- slipway:compatible yes prices were always positive
-- slipway:irreversible it is an example
-- Add it

-- slipway:up
alter table users add constraint price_check check (price > 0) not valid;
-- file: 2_validate.sql
-- slipway:revision a2
-- slipway:revises a1
-- slipway:irreversible it is an example
-- Validate it

-- slipway:up
alter table users validate constraint price_check;
