-- case: if not exists and concurrently
-- expect: concurrent-index-if-not-exists
-- header: transaction none
create index concurrently if not exists users_email on users (email);

-- case: a unique one in quotes
-- expect: concurrent-index-if-not-exists, unique-index-on-existing-data
-- header: transaction none
-- header: phase contract
create unique index concurrently if not exists "Users Email" on "App"."Users" ("Email") where false;

-- case: one that also lacks its header
-- expect: concurrent-index-if-not-exists, not-in-transaction
create index concurrently if not exists users_email on users (email);

-- case: without it
-- expect: nothing
-- header: transaction none
create index concurrently users_email on users (email);

-- case: if not exists on a table of this file
-- expect: nothing
create table users (id bigint primary key, email text);
create index if not exists users_email on users (email);

-- case: a drop if it exists
-- expect: nothing
-- header: transaction none
drop index concurrently if exists users_email;
