-- slipway:revision 0000000000c9
-- Add a function whose body is wrong

-- slipway:up
create function half(amount numeric) returns numeric language plpgsql as $$
begin
  retrun amount / 2;
end
$$;

-- slipway:down
drop function half(numeric);
