-- slipway:revision 1a2b3c4d5e6f
-- Create products; what customers see

-- slipway:up
create table products (
  id bigint generated always as identity primary key,
  name text not null,
  prices numeric[] not null
);

create function prices_up_to(prices numeric[], last integer) returns numeric[]
language sql immutable as $$ select prices[1:last] $$;

copy products (name, prices) from stdin;
Löffel	{1.50,1.25}
it's a "cup"	{4}
\.

-- slipway:only-if select to_regclass('legacy_products') is not null
insert into products (name, prices) select name, array[price] from legacy_products;

-- slipway:verify
select count(*) >= 2 from products;

-- slipway:down
drop function prices_up_to;
drop table products;
