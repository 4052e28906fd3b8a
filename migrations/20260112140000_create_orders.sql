-- slipway:revision 3f2a9c41d7e0
-- slipway:revises 1b7e6a90c2f4
-- slipway:phase expand
-- slipway:label orders
-- Create orders

-- slipway:up
create type order_status as enum ('open', 'paid', 'shipped');

create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers (id),
  status order_status not null default 'open',
  total numeric(12, 2) not null check (total >= 0),
  placed_at timestamptz not null default now()
);

-- slipway:down
drop table orders;
drop type order_status;
