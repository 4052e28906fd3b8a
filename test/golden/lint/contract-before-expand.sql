-- case: a contract revision, and an expand revision that follows it
-- expect: contract-before-expand
-- file: migrations/1.sql
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
-- file: migrations/2.sql
-- slipway:revision e
-- slipway:revises c
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;

-- case: the other way around
-- expect: nothing
-- file: migrations/1.sql
-- slipway:revision e
-- slipway:revises r1
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;
-- file: migrations/2.sql
-- slipway:revision c
-- slipway:revises e
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;

-- case: two branches, of which neither needs the other
-- expect: nothing
-- file: migrations/1.sql
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
-- file: migrations/2.sql
-- slipway:revision e
-- slipway:revises r1
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;

-- case: a merge of the two is an expand revision
-- expect: contract-before-expand
-- file: migrations/1.sql
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
-- file: migrations/2.sql
-- slipway:revision e
-- slipway:revises r1
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;
-- file: migrations/3.sql
-- slipway:revision m
-- slipway:revises c e
-- slipway:phase expand
-- merge

-- slipway:up


-- slipway:down


-- case: a merge that waits for the rollout, too
-- expect: nothing
-- file: migrations/1.sql
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
-- file: migrations/2.sql
-- slipway:revision e
-- slipway:revises r1
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;
-- file: migrations/3.sql
-- slipway:revision m
-- slipway:revises c e
-- slipway:phase contract
-- merge

-- slipway:up


-- slipway:down


-- case: behind another contract revision
-- expect: contract-before-expand
-- file: migrations/1.sql
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
-- file: migrations/2.sql
-- slipway:revision d
-- slipway:revises c
-- slipway:phase contract
-- Rename users.mail

-- slipway:up
alter table users rename column mail to email;

-- slipway:down
alter table users rename column email to mail;
-- file: migrations/3.sql
-- slipway:revision e
-- slipway:revises d
-- slipway:phase expand
-- Add users.phone

-- slipway:up
alter table users add column phone text;

-- slipway:down
alter table users drop column phone;

-- case: one revision by itself says nothing of a release
-- expect: nothing
-- slipway:revision c
-- slipway:revises r1
-- slipway:phase contract
-- Rename users.name

-- slipway:up
alter table users rename column name to full_name;

-- slipway:down
alter table users rename column full_name to name;
