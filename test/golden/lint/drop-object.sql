-- case: a view
-- expect: drop-object
drop view active_users;

-- case: a materialized view
-- expect: drop-object
drop materialized view app.totals;

-- case: a function
-- expect: drop-object
drop function if exists total(bigint);

-- case: a procedure
-- expect: drop-object
drop procedure refresh();

-- case: a type
-- expect: drop-object
drop type "Status";

-- case: a domain
-- expect: drop-object
drop domain positive;

-- case: a sequence
-- expect: drop-object
drop sequence order_numbers;

-- case: a policy, without which rows may be out of reach
-- expect: drop-object
drop policy owners on app.documents;

-- case: an extension
-- expect: drop-object
drop extension pgcrypto;

-- case: what code does not name
-- expect: nothing
drop statistics users_stats;

-- case: a view of this release
-- expect: nothing
create view active_users as select 1 as id;
drop view active_users;

-- case: a policy of a new table
-- expect: nothing
create table documents (id bigint primary key);
create policy owners on documents using (true);
drop policy owners on documents;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
drop view active_users;

-- case: replaced under the same signature
-- expect: nothing
create or replace view active_users as select id from users where active;
