-- case: all rows of a table
-- expect: unapproved-data-loss
truncate sessions;

-- case: a delete without a condition
-- expect: unapproved-data-loss, unbatched-backfill
delete from sessions;

-- case: a delete in a query
-- expect: unapproved-data-loss
with gone as (delete from sessions returning id) select count(*) from gone;

-- case: a column after the rollout
-- expect: unapproved-data-loss
-- header: phase contract
alter table users drop column phone;

-- case: two columns need one line
-- expect: unapproved-data-loss
-- header: phase contract
alter table users drop column phone;
alter table users drop column fax;

-- case: a table for whose old code somebody vouches
-- expect: unapproved-data-loss
-- header: compatible yes nobody knows it
drop table "Audit";

-- case: a drop before the rollout says both in one finding
-- expect: drop-table
drop table audit;

-- case: unless that finding is ignored
-- expect: unapproved-data-loss
-- header: ignore drop-table nobody knows it
drop table audit;

-- case: values that a new type throws away
-- expect: unapproved-data-loss, column-type-rewrite
-- header: phase contract
alter table users alter column phone type integer using 0;

-- case: approved
-- expect: nothing
-- header: approve data-loss everybody has to log in again anyway
truncate sessions;

-- case: another hazard is approved
-- expect: unapproved-data-loss
-- header: approve scan it is small
truncate sessions;

-- case: rows of this release
-- expect: nothing
create table sessions (id bigint primary key);
insert into sessions (id) values (1);
delete from sessions;

-- case: rows that a condition chose
-- expect: nothing
delete from sessions where id = 1;

-- case: in a down section the downgrade decides
-- expect: lossy-down, unbatched-backfill
-- slipway:revision r2
-- slipway:revises r1
-- Add a session

-- slipway:up
insert into sessions (id) values (1);

-- slipway:down
delete from sessions;
