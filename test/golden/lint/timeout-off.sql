-- case: squawk: a limit is set
-- expect: nothing
set lock_timeout = '1s';
alter table t add column c boolean;

-- case: squawk: a limit for statements is set
-- expect: nothing
set statement_timeout = '5s';
alter table t add column c boolean;

-- case: slipway sets the limit
-- expect: nothing
alter table t add column c boolean;

-- case: zero
-- expect: timeout-off
set lock_timeout = 0;

-- case: zero for the transaction
-- expect: timeout-off
set local statement_timeout to '0ms';

-- case: what the server has
-- expect: timeout-off
set lock_timeout to default;

-- case: reset
-- expect: timeout-off
reset statement_timeout;

-- case: by a function
-- expect: timeout-off
select pg_catalog.set_config('lock_timeout', '0', true);

-- case: in the header
-- expect: timeout-off
-- header: lock-timeout 0
alter table t add column c boolean;

-- case: a longer limit in the header
-- expect: nothing
-- header: lock-timeout 10s
-- header: statement-timeout 30min
alter table t add column c boolean;

-- case: another setting
-- expect: nothing
set local work_mem = 0;
