-- case: before the rollout
-- expect: unique-index-on-existing-data
-- header: transaction none
create unique index concurrently users_email_key on users (email);

-- case: after the rollout the rows may still be alike
-- expect: unique-index-on-existing-data
-- header: transaction none
-- header: phase contract
create unique index concurrently users_email_key on "App"."Users" ("Email");

-- case: under a lock, too
-- expect: unique-index-on-existing-data, index-not-concurrent
create unique index on users (lower(email)) where active;

-- case: somebody looked
-- expect: nothing
-- header: transaction none
-- header: compatible yes sign-up has refused known addresses since release 12
create unique index concurrently users_email_key on users (email);

-- case: not unique
-- expect: nothing
-- header: transaction none
create index concurrently users_email on users (email);

-- case: a new table
-- expect: nothing
create table users (id bigint primary key, email text);
create unique index users_email_key on users (email);

-- case: a column of this release, which is null everywhere
-- expect: nothing
-- file: migrations/1_a.sql
-- slipway:revision a
-- slipway:revises r1
-- Add users.handle

-- slipway:up
alter table users add column handle text;

-- slipway:down
alter table users drop column handle;
-- file: migrations/2_b.sql
-- slipway:revision b
-- slipway:revises a
-- slipway:transaction none
-- One user for each handle

-- slipway:up
create unique index concurrently users_handle_key on users (handle);

-- slipway:down
drop index concurrently users_handle_key;

-- case: the revision before looked into the table
-- expect: nothing
-- file: migrations/1_a.sql
-- slipway:revision a
-- slipway:revises r1
-- No two users share an address

-- slipway:up

-- slipway:verify
select not exists (select from users group by email having count(*) > 1);

-- slipway:down
-- file: migrations/2_b.sql
-- slipway:revision b
-- slipway:revises a
-- slipway:phase contract
-- slipway:transaction none
-- One user for each address

-- slipway:up
create unique index concurrently users_email_key on users (email);

-- slipway:down
drop index concurrently users_email_key;
