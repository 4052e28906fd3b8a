-- case: squawk: a unique constraint
-- expect: unique-constraint-builds-index
ALTER TABLE distributors ADD CONSTRAINT dist_id_uniq UNIQUE (dist_id);

-- case: squawk: with an index that is built concurrently
-- expect: nothing
-- header: transaction none
-- header: compatible yes ids were always unique
CREATE UNIQUE INDEX CONCURRENTLY dist_id_uniq ON distributors (dist_id);
ALTER TABLE distributors ADD CONSTRAINT distributors_dist_id_key UNIQUE USING INDEX dist_id_uniq;

-- case: squawk: a unique column
-- expect: unique-constraint-builds-index
ALTER TABLE distributors
    ADD COLUMN dist_id text CONSTRAINT dist_id_uniq UNIQUE;

-- case: squawk: a column, then an index that is built concurrently
-- expect: nothing
-- header: transaction none
-- header: compatible yes nobody writes it yet
ALTER TABLE distributors ADD COLUMN dist_id text;
CREATE UNIQUE INDEX CONCURRENTLY dist_id_uniq ON distributors (dist_id);
ALTER TABLE distributors ADD CONSTRAINT distributors_dist_id_key UNIQUE USING INDEX dist_id_uniq;

-- case: strong_migrations: a unique constraint
-- expect: unique-constraint-builds-index
alter table users add constraint uniq unique (some_column);

-- case: strong_migrations: with an index that is built concurrently
-- expect: nothing
-- header: transaction none
-- header: compatible yes it was always unique
create unique index concurrently index_users_on_some_column on users (some_column);
alter table users add constraint index_users_on_some_column unique using index index_users_on_some_column;

-- case: without a name, in quotes, of two columns
-- expect: unique-constraint-builds-index
alter table "App"."Users" add unique nulls not distinct ("E-Mail", tenant) include (name) deferrable;

-- case: two in one statement
-- expect: unique-constraint-builds-index
alter table users add unique (email), add unique (phone);

-- case: of a table of this file
-- expect: nothing
create table users (id bigint primary key, email text);
alter table users add constraint users_email_key unique (email);

-- case: a new table
-- expect: nothing
create table users (id bigint primary key, email text unique);
