-- case: every row
-- expect: unbatched-backfill
update users set active = true;

-- case: rows that are still to be filled
-- expect: unbatched-backfill
update users set active = true where active is null;

-- case: one value for another
-- expect: unbatched-backfill
update "App"."Users" set plan = 'pro' where plan = 'gold';

-- case: with rows of another table
-- expect: unbatched-backfill
update orders o set city = c.name from cities c where c.id = o.city_id;

-- case: old rows are deleted
-- expect: unbatched-backfill
delete from sessions where expires_at < now();

-- case: a backfill
-- expect: nothing
-- header: transaction none
-- slipway:backfill table=users key=id batch=5000
update users set active = true where id between :from and :to and active is null;

-- case: one row
-- expect: nothing
update users set active = true where id = 5;

-- case: some rows
-- expect: nothing
update users set active = true where id in (1, 2, 3) and active is null;

-- case: rows that are named with their values
-- expect: nothing
update plans set price = v.price from (values ('a', 1), ('b', 2)) as v (name, price) where plans.name = v.name;

-- case: a limited number of rows
-- expect: nothing
delete from sessions where id in (select id from sessions where expires_at < now() limit 1000);

-- case: a table of this file
-- expect: nothing
create table users (id bigint primary key, active boolean);
update users set active = true;

-- case: one of two conditions picks single rows
-- expect: unbatched-backfill
update users set active = true where id = 5 or active is null;

-- case: strong_migrations: nulls are replaced before a column refuses them
-- expect: unbatched-backfill
update users set some_column = '' where some_column is null;
