-- slipway:revision 2b3c4d5e6f7a
-- slipway:revises 1a2b3c4d5e6f
-- slipway:transaction none
-- Find products by name

-- slipway:up
create index concurrently products_name on products (name);

-- slipway:down
drop index concurrently products_name;
