-- slipway:revision 1b7e6a90c2f4
-- slipway:phase expand
-- Create customers

-- slipway:up
create table customers (
  id bigint generated always as identity primary key,
  email text not null,
  name text not null,
  created_at timestamptz not null default now()
);

-- slipway:verify
select id, email, name, created_at from customers limit 0;

-- slipway:down
drop table customers;
