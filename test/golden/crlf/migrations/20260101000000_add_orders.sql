-- slipway:revision 0000000000e5
-- Add orders

-- slipway:up
create table orders (id bigint primary key);
insert into orders
  values ('not a number');

-- slipway:down
drop table orders;
