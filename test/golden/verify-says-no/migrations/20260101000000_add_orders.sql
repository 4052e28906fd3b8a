-- slipway:revision 0000000000d0
-- Add orders

-- slipway:up
create table orders (id bigint primary key);

-- slipway:verify
select count(*) = 3 from orders;

-- slipway:down
drop table orders;
