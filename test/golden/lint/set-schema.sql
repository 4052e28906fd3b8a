-- case: a table in use
-- expect: set-schema
alter table invoices set schema billing;

-- case: quoted, with a schema
-- expect: set-schema
alter table if exists "App"."Invoices" set schema "Billing";

-- case: a view
-- expect: set-schema
alter view open_invoices set schema billing;

-- case: a function
-- expect: set-schema
alter function total(bigint) set schema billing;

-- case: a type
-- expect: set-schema
alter type status set schema billing;

-- case: a table of this release
-- expect: nothing
create table invoices (id bigint primary key);
alter table invoices set schema billing;

-- case: both schemas are on everybody's path
-- expect: nothing
-- header: compatible yes billing is in the search_path of all roles
alter table invoices set schema billing;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter table invoices set schema billing;
