-- case: a column in an expand revision
-- expect: drop-column
alter table users drop column some_column;

-- case: quoted, with a schema, if it exists
-- expect: drop-column
alter table "App"."Users" drop column if exists "Phone Number";

-- case: several commands, of which one drops
-- expect: drop-column
alter table users add column email text, drop column phone;

-- case: a column of a partition's parent alone
-- expect: drop-column
alter table only measurements drop column unit;

-- case: a column of a foreign table
-- expect: drop-column
alter foreign table remote_users drop column phone;

-- case: an attribute of a type
-- expect: drop-column
alter type address drop attribute street;

-- case: approved, but before the rollout
-- expect: drop-column
-- header: approve data-loss nobody needs it
alter table users drop column phone;

-- case: cascade is a mistake of its own
-- expect: drop-column, drop-cascade
alter table users drop column phone cascade;

-- case: a column that this revision added
-- expect: nothing
alter table users add column phone text;
alter table users drop column phone;

-- case: a column of a table that is new
-- expect: nothing
create table users (id bigint primary key, phone text);
alter table users drop column phone;

-- case: after the rollout and approved, as strong_migrations has it behind its two deployments
-- expect: nothing
-- header: phase contract
-- header: approve data-loss phones are in contacts
alter table users drop column some_column;

-- case: somebody vouches for old code
-- expect: nothing
-- header: compatible yes release 41 stopped using it
-- header: approve data-loss phones are in contacts
alter table users drop column phone;

-- case: the column may stay, as squawk has it, and be null
-- expect: nothing
-- header: phase contract
alter table users alter column phone drop not null;

-- case: a down section drops what up added
-- expect: nothing
-- slipway:revision r2
-- slipway:revises r1
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;
