-- case: squawk's table
-- expect: duplicate-column
create table t(a int, a text);

-- case: squawk's view
-- expect: duplicate-column
create view v (a, a) as select 1, 2;

-- case: squawk's update
-- expect: duplicate-column, unbatched-backfill
update t set a = 1, a = 2;

-- case: squawk's table without
-- expect: nothing
create table t(a int);

-- case: squawk's view without
-- expect: nothing
create view v (a, b) as select 1, 2;

-- case: squawk's update without
-- expect: nothing
update t set a = 2 where id = 1;

-- case: a view whose query names one twice
-- expect: duplicate-column
create view app."V" as select u.id, t.id from users u join teams t on t.id = u.team_id;

-- case: a view that takes all
-- expect: nothing
create view v as select u.*, t.name as team from users u join teams t on t.id = u.team_id;

-- case: an insert
-- expect: duplicate-column
insert into t (a, b, a) values (1, 2, 3);

-- case: an upsert
-- expect: duplicate-column
insert into t (a, b) values (1, 2) on conflict (a) do update set b = 1, b = 2;

-- case: several columns at once
-- expect: duplicate-column
update k set (a, b) = (1, 2), a = 3 where id = 1;

-- case: a whole and a part
-- expect: duplicate-column
update k set a = row(1, 2), a.x = 1 where id = 1;

-- case: two parts
-- expect: nothing
update k set a.x = 1, a.y = 2, b[1] = 1, b[2] = 2 where id = 1;

-- case: a table made of a query
-- expect: duplicate-column
create table t as select 1 as a, 2 as a;

-- case: two columns that are added
-- expect: duplicate-column
alter table t add column a int, add column a text;

-- case: names that differ in case
-- expect: nothing
create table t (a int, "A" int);

-- case: in a query with a name
-- expect: duplicate-column
with moved as (update t set a = 1, a = 2 where id = 1 returning id) select count(*) from moved;
