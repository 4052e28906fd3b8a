-- slipway:revision 0000000000c3
-- Fill totals

-- slipway:up
create table totals (day date primary key, amount numeric not null);

create function fill_totals(days integer) returns void language plpgsql as $$
declare
  share numeric;
begin
  share := 100 / days;
  insert into totals values (current_date, share);
end
$$;

select fill_totals(7);
select fill_totals(0);

-- slipway:down
drop function fill_totals(integer);
drop table totals;
