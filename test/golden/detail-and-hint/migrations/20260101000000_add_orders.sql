-- slipway:revision 0000000000a7
-- Add orders

-- slipway:up
create table orders (id bigint primary key, note text);
insert into orders values (1, 'first');
create unique index orders_note on orders (note);
insert into orders values (2, 'first');

-- slipway:down
drop table orders;
