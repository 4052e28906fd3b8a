-- case: squawk's new table
-- expect: timestamp-without-time-zone
create table app.users
(
    created_ts   timestamp,
    modified_ts  timestamp without time zone
);

-- case: squawk's new table, the right way
-- expect: nothing
create table app.users
(
    created_ts   timestamptz,
    modified_ts  timestamptz
);

-- case: squawk's change
-- expect: timestamp-without-time-zone, column-type-may-rewrite
alter table app.users
    alter column created_ts type timestamp,
    alter column modified_ts type timestamp without time zone;

-- case: added, with a precision
-- expect: timestamp-without-time-zone
alter table "Users" add column "Seen" timestamp(3);

-- case: several
-- expect: timestamp-without-time-zone
create table t (at timestamp[]);

-- case: spelled out
-- expect: nothing
create table t (at timestamp with time zone);

-- case: a date and a time
-- expect: nothing
create table t (day date, at time);

-- case: squawk's change, the right way, which is still a change of the type
-- expect: column-type-may-rewrite
alter table app.users
    alter column created_ts type timestamptz,
    alter column modified_ts type timestamptz;

-- case: squawk's change, the right way, of a table that is new
-- expect: nothing
create table app.users (created_ts timestamp with time zone, modified_ts text);
alter table app.users
    alter column created_ts type timestamptz,
    alter column modified_ts type timestamptz using modified_ts::timestamptz;
