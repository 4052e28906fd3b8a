-- case: a refresh
-- expect: refresh-not-concurrent
refresh materialized view daily_sales;

-- case: a refresh concurrently
-- expect: nothing
refresh materialized view concurrently daily_sales;

-- case: a name with quotes
-- expect: refresh-not-concurrent
refresh materialized view "Reports"."Daily Sales" with data;

-- case: a view that is emptied
-- expect: nothing
refresh materialized view daily_sales with no data;

-- case: a view of this file
-- expect: nothing
create materialized view daily_sales as select 1 as day with no data;
refresh materialized view daily_sales;

-- case: a view of another schema
-- expect: refresh-not-concurrent
create materialized view reports.daily as select 1 as day with no data;
refresh materialized view daily;
