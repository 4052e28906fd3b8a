-- case: squawk: vacuum full
-- expect: table-rewrite
-- header: transaction none
vacuum full t;

-- case: squawk: cluster
-- expect: table-rewrite
cluster t using t_pkey;

-- case: a plain vacuum
-- expect: nothing
-- header: transaction none
vacuum (analyze) t;

-- case: a table is logged
-- expect: table-rewrite
alter table "App"."Sessions" set logged;

-- case: a table is unlogged
-- expect: table-rewrite
alter table if exists sessions set unlogged;

-- case: another tablespace
-- expect: table-rewrite
alter table sessions set tablespace fast;

-- case: an index in another tablespace
-- expect: table-rewrite
alter index sessions_token set tablespace fast;

-- case: another access method
-- expect: table-rewrite
-- postgres: 15
alter table sessions set access method columnar;

-- case: everything in a tablespace
-- expect: table-rewrite
alter table all in tablespace slow set tablespace fast;

-- case: cluster on marks an index only
-- expect: nothing
alter table t cluster on t_pkey;

-- case: a table of this file
-- expect: nothing
create unlogged table sessions (id bigint primary key);
alter table sessions set logged;

-- case: storage options touch no rows
-- expect: nothing
alter table sessions set (fillfactor = 70);

-- case: vacuum full of all tables
-- expect: table-rewrite
-- header: transaction none
vacuum (full, verbose);
