-- case: a view
-- expect: rename-object
alter view active_users rename to current_users;

-- case: a materialized view with a schema
-- expect: rename-object
alter materialized view app."Totals" rename to totals;

-- case: a function
-- expect: rename-object
alter function total(bigint) rename to order_total;

-- case: a sequence
-- expect: rename-object
alter sequence order_numbers rename to numbers;

-- case: a type
-- expect: rename-object
alter type status rename to order_status;

-- case: an attribute of a type
-- expect: rename-object
alter type address rename attribute street to line1;

-- case: a role
-- expect: rename-object
alter role reports rename to analytics;

-- case: what code does not name
-- expect: nothing
alter index users_email rename to users_email_idx;
alter trigger stamp on users rename to stamp_users;

-- case: a view of this release
-- expect: nothing
create view active_users as select 1 as id;
alter view active_users rename to current_users;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter view active_users rename to current_users;
