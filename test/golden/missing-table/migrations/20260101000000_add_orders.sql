-- slipway:revision 0000000000a1
-- Add orders

-- slipway:up
create table orders (id bigint primary key, amount numeric not null);

-- slipway:down
drop table orders;
