-- case: squawk: an index is dropped
-- expect: drop-index-not-concurrent
DROP INDEX "app"."email_idx";

-- case: squawk: an index is dropped concurrently
-- expect: nothing
-- header: transaction none
DROP INDEX CONCURRENTLY "app"."email_idx";

-- case: if it exists
-- expect: drop-index-not-concurrent
drop index if exists users_email;

-- case: several at once
-- expect: drop-index-not-concurrent
drop index users_email, "Users"."By Name";

-- case: an index of this file
-- expect: nothing
create table users (id bigint primary key, email text);
create index users_email on users (email);
drop index users_email;

-- case: one of this file and one from before
-- expect: drop-index-not-concurrent
create table users (id bigint primary key, email text);
create index users_email on users (email);
drop index users_email, users_name;

-- case: a down that drops the table, too
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- Users

-- slipway:up
create table users (id bigint primary key, email text);
create index users_email on users (email);

-- slipway:down
drop index users_email;
drop table users;

-- case: a down that drops an index of an old table
-- expect: drop-index-not-concurrent
-- slipway:revision r2
-- slipway:revises r1
-- slipway:transaction none
-- Find users by e-mail

-- slipway:up
create index concurrently users_email on users (email);

-- slipway:down
drop index users_email;
