-- slipway:revision a64f0e1d9b32
-- slipway:revises 5d90b1c3e8a7
-- slipway:phase expand
-- slipway:transaction none
-- Find customers by e-mail

-- slipway:up
create unique index concurrently customers_email_key on customers (lower(email));

-- slipway:down
drop index concurrently customers_email_key;
