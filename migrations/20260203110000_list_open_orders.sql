-- slipway:revision c71be58f04d6
-- slipway:revises a64f0e1d9b32
-- slipway:phase expand
-- List open orders with their customers

-- slipway:up
create view open_orders as
select o.id, o.total, o.placed_at, c.name, c.email
from orders o
join customers c on c.id = o.customer_id
where o.status = 'open';

-- slipway:verify
select * from open_orders limit 0;

-- slipway:down
drop view open_orders;
