-- slipway:revision 5d90b1c3e8a7
-- slipway:revises 3f2a9c41d7e0 8c05d2ef71ab
-- slipway:phase expand
-- Merge phone and orders

-- slipway:up

-- slipway:down
