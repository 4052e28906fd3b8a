-- slipway:revision 3c4d5e6f7a8b
-- slipway:revises 2b3c4d5e6f7a
-- slipway:phase contract
-- slipway:approve data-loss prices live in another service now
-- slipway:irreversible the prices are gone
-- Drop prices

-- slipway:up
alter table products drop column prices;
