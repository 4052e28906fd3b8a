-- case: squawk: a table
-- expect: reindex-not-concurrent
REINDEX TABLE foo;

-- case: squawk: an index
-- expect: reindex-not-concurrent
REINDEX INDEX foo_idx;

-- case: squawk: a table concurrently
-- expect: nothing
-- header: transaction none
REINDEX TABLE CONCURRENTLY foo;

-- case: squawk: an index concurrently
-- expect: nothing
-- header: transaction none
REINDEX INDEX CONCURRENTLY foo_idx;

-- case: with options
-- expect: reindex-not-concurrent
reindex (verbose, tablespace fast) index "App"."Foo";

-- case: concurrently as an option
-- expect: nothing
-- header: transaction none
reindex (verbose, concurrently) table app.foo;

-- case: a schema
-- expect: reindex-not-concurrent
-- header: transaction none
reindex schema app;

-- case: the system catalogs cannot be done concurrently
-- expect: reindex-not-concurrent
-- header: transaction none
reindex system shop;

-- case: a table of this file
-- expect: nothing
create table foo (id bigint primary key);
reindex table foo;
