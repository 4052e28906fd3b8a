-- case: squawk: an index concurrently in a transaction
-- expect: not-in-transaction
CREATE INDEX CONCURRENTLY "email_idx" ON "app_user" ("email");

-- case: squawk: other commands in a revision of their own, then the index
-- expect: nothing
-- file: 1_other.sql
-- slipway:revision a1
-- slipway:revises r1
-- slipway:irreversible it is an example
-- Other commands

-- slipway:up
alter table app_user add column email text;
-- file: 2_index.sql
-- slipway:revision a2
-- slipway:revises a1
-- slipway:transaction none
-- The index

-- slipway:up
CREATE INDEX CONCURRENTLY "email_idx" ON "app_user" ("email");

-- slipway:down
drop index concurrently email_idx;

-- case: an index is dropped concurrently
-- expect: not-in-transaction
drop index concurrently users_email;

-- case: an index is rebuilt concurrently
-- expect: not-in-transaction
reindex index concurrently users_email;

-- case: vacuum
-- expect: not-in-transaction
vacuum (analyze) users;

-- case: analyze
-- expect: nothing
analyze users;

-- case: a partition is detached concurrently
-- expect: not-in-transaction
-- header: compatible yes nobody reads it
alter table t detach partition p concurrently;

-- case: an index concurrently on a table of this file
-- expect: not-in-transaction
create table users (id bigint primary key, email text);
create index concurrently users_email on users (email);

-- case: a label is added
-- expect: nothing
alter type status add value 'archived';

-- case: in the down section
-- expect: not-in-transaction
-- slipway:revision r2
-- slipway:revises r1
-- Users have a name

-- slipway:up
alter table users add column name text;

-- slipway:down
vacuum users;
alter table users drop column name;
