-- case: squawk's table
-- expect: unqualified-name
create table posts(id bigint);

-- case: squawk's column
-- expect: unqualified-name
alter table posts add column name text;

-- case: squawk's drop
-- expect: unqualified-name
-- header: phase contract
-- header: approve data-loss archived
drop table posts;

-- case: squawk's table of a query
-- expect: unqualified-name
create table posts as select 1 as id;

-- case: squawk's four with their schema
-- expect: nothing
-- header: phase contract
-- header: approve data-loss archived
create table public.posts(id bigint);
alter table public.posts add column name text;
drop table public.old_posts;
create table public.posts2 as select 1 as id;

-- case: temporary tables have none
-- expect: nothing
create temp table temp_mapping_table (id int4) on commit drop;
create temporary table other_temp as select 1 as id;

-- case: a view, in quotes
-- expect: unqualified-name
create view "Posts" as select id from public.posts;

-- case: an index
-- expect: unqualified-name
-- header: transaction none
create index concurrently posts_name on posts (name);

-- case: queries are not looked at
-- expect: nothing
insert into posts (id) values (1);
