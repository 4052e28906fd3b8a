-- case: a table is locked
-- expect: lock-table
lock table orders;

-- case: in share mode
-- expect: lock-table
lock table "App"."Orders", lines in share mode;

-- case: nowait
-- expect: lock-table
lock orders in exclusive mode nowait;

-- case: a weak mode
-- expect: nothing
lock table orders in share update exclusive mode;

-- case: for readers
-- expect: nothing
lock table orders in access share mode;

-- case: a table of this file
-- expect: nothing
create table orders (id bigint primary key);
lock table orders;
