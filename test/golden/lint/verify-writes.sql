-- case: an insert
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
insert into users (name, phone) values ('test', '1');

-- slipway:down
alter table users drop column phone;

-- case: an update
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
update users set phone = '1' where id = 1;

-- slipway:down
alter table users drop column phone;

-- case: a definition
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
create sequence "App".numbers;

-- slipway:down
alter table users drop column phone;

-- case: a deletion in a query
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
with gone as (delete from users where id = 1 returning id) select count(*) = 1 from gone;

-- slipway:down
alter table users drop column phone;

-- case: a table made of a query
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
select phone into phones from users;

-- slipway:down
alter table users drop column phone;

-- case: an explanation that runs what it explains
-- expect: verify-writes
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
explain analyze delete from users where id = 1;

-- slipway:down
alter table users drop column phone;

-- case: a query
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
select phone from users limit 0;

-- slipway:down
alter table users drop column phone;

-- case: a query behind a setting
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
set local statement_timeout = '5s';
select not exists (select from users where phone is not null);

-- slipway:down
alter table users drop column phone;

-- case: an explanation
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
explain delete from users where id = 1;

-- slipway:down
alter table users drop column phone;

-- case: a table of values
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- An example

-- slipway:up
alter table users add column phone text;

-- slipway:verify
values (true);

-- slipway:down
alter table users drop column phone;

