-- case: squawk's example
-- expect: identifier-too-long
-- table name is 65 bytes and will be silently truncated to 63
create table table_very_long_very_long_very_long_very_long_very_long_very_long (
  -- column name is 66 bytes and will also be silently truncated
  column_very_long_very_long_very_long_very_long_very_long_very_long bigint
);

-- case: squawk's way out
-- expect: nothing
create table a_shorter_table_name (
  a_shorter_column_name bigint
);

-- case: an index
-- expect: identifier-too-long
-- header: transaction none
create index concurrently index_very_long_very_long_very_long_very_long_very_long_very_long on t (col);

-- case: a table that is dropped
-- expect: identifier-too-long
-- header: phase contract
-- header: approve data-loss archived
drop table table_very_long_very_long_very_long_very_long_very_long_very_long;

-- case: in quotes
-- expect: identifier-too-long
create table "table_very_long_very_long_very_long_very_long_very_long_very_long" (id bigint);

-- case: few characters of many bytes
-- expect: identifier-too-long
create table "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦" (id bigint);

-- case: exactly 63 bytes
-- expect: nothing
create table table_very_long_very_long_very_long_very_long_very_long_very_lo (id bigint);

-- case: a long string is no name
-- expect: nothing
comment on table users is 'table_very_long_very_long_very_long_very_long_very_long_very_long';

-- case: nor is a comment
-- expect: nothing
/* table_very_long_very_long_very_long_very_long_very_long_very_long */
create table users (id bigint);
