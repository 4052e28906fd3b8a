-- case: a schema in use
-- expect: rename-schema
alter schema users rename to customers;

-- case: quoted
-- expect: rename-schema
alter schema "Users" rename to "Customers";

-- case: beside others of this release
-- expect: rename-schema
create schema new_one;
alter schema users rename to customers;

-- case: the new schema beside the old one
-- expect: nothing
create schema customers;
create table customers.accounts (id bigint primary key);

-- case: a schema of this release
-- expect: nothing
create schema users;
alter schema users rename to customers;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter schema users rename to customers;
