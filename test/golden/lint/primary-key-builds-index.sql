-- case: squawk: a primary key
-- expect: primary-key-builds-index
ALTER TABLE account ADD PRIMARY KEY (id);

-- case: squawk: with an index that is built concurrently
-- expect: nothing
-- header: transaction none
-- header: compatible yes ids were always unique
CREATE UNIQUE INDEX CONCURRENTLY account_pk_idx ON account (id);
ALTER TABLE account ADD CONSTRAINT account_pk PRIMARY KEY USING INDEX account_pk_idx;

-- case: of two columns, in quotes
-- expect: primary-key-builds-index
alter table only "App"."Lines" add constraint "Lines_PK" primary key ("Order", number);

-- case: beside another command
-- expect: primary-key-builds-index
alter table account add column note text, add primary key (id);

-- case: of a table of this file
-- expect: nothing
create table account (id bigint);
alter table account add primary key (id);

-- case: a new column that counts is a matter of its own
-- expect: serial-column
alter table account add column id bigserial primary key;

-- case: of a table with that name in another schema
-- expect: primary-key-builds-index
create table archive.account (id bigint);
alter table app.account add primary key (id);
