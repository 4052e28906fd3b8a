-- case: strong_migrations' example
-- expect: wide-index, index-not-concurrent
create index on users (a, b, c, d);

-- case: strong_migrations' way out
-- expect: nothing
-- header: transaction none
create index concurrently users_d_b on users (d, b);

-- case: on a new table, too
-- expect: wide-index
create table "Users" (a int, b int, c int, d int);
create index on "Users" (a, b, lower(c::text), d);

-- case: three
-- expect: nothing
-- header: transaction none
create index concurrently users_a_b_c on app.users (a, b, c);

-- case: three, and one that is only read
-- expect: nothing
-- header: transaction none
create index concurrently users_a_b_c on users (a, b, c) include (d);

-- case: unique
-- expect: nothing
create table users (a int, b int, c int, d int);
create unique index on users (a, b, c, d);

-- case: of another kind
-- expect: nothing
-- header: transaction none
create index concurrently users_all on users using gin (a, b, c, d);
