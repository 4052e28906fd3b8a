-- slipway:revision 0000000000a7
-- Add orders

-- slipway:up
create table orders (id bigint primary key, note text);
insert into orders values (1, 'first'), (2, 'first');
do $$
begin
  raise exception 'two orders have the same note' using
    errcode = 'SL001',
    detail = 'Orders 1 and 2 are both called "first".',
    hint = 'Rename one of them.';
end
$$;

-- slipway:down
drop table orders;
