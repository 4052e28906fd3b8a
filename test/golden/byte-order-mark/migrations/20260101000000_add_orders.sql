-- slipway:revision 0000000000f6
-- Add orders

-- slipway:up
select nothing_of_that_name;

-- slipway:down
select 1;
