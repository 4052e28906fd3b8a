-- slipway:revision 8c05d2ef71ab
-- slipway:revises 1b7e6a90c2f4
-- slipway:phase expand
-- Add phone to customers

-- slipway:up
alter table customers add column phone text;

-- slipway:verify
select count(*) = 1
from information_schema.columns
where table_name = 'customers' and column_name = 'phone';

-- slipway:down
alter table customers drop column phone;
