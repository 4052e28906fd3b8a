-- case: squawk: a partition is detached
-- expect: detach-not-concurrent
-- header: compatible yes nobody reads it
ALTER TABLE t DETACH PARTITION p;

-- case: squawk: concurrently
-- expect: nothing
-- header: transaction none
-- header: compatible yes nobody reads it
ALTER TABLE t DETACH PARTITION p CONCURRENTLY;

-- case: with schemas, in quotes
-- expect: detach-not-concurrent
-- header: phase contract
alter table "App"."Events" detach partition archive."Events 2019";

-- case: an interrupted one is finished
-- expect: nothing
-- header: compatible yes nobody reads it
alter table t detach partition p finalize;

-- case: a partition of a table of this file
-- expect: nothing
create table t (id int) partition by range (id);
create table p partition of t for values from (1) to (2);
alter table t detach partition p;

-- case: a partition that is new
-- expect: nothing
-- header: compatible yes nobody reads it
create table p partition of t for values from (1) to (2);
alter table t detach partition p;
