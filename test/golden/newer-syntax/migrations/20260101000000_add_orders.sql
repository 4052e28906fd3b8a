-- slipway:revision 0000000000b8
-- Add orders

-- slipway:up
create table orders (id bigint primary key);
alter table orders set tiering (cold after 30 days);

-- slipway:down
drop table orders;
