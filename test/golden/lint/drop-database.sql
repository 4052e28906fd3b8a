-- case: a database
-- expect: drop-database, not-in-transaction
drop database shop;

-- case: outside a transaction, still before the rollout
-- expect: drop-database
-- header: transaction none
drop database if exists "Shop";

-- case: with everybody thrown out
-- expect: drop-database
-- header: transaction none
-- header: approve data-loss a copy
drop database shop_copy with (force);

-- case: after the rollout and approved it is still the wrong place
-- expect: drop-database
-- header: transaction none
-- header: phase contract
-- header: approve data-loss a copy
drop database shop_copy;

-- case: accepted with a reason
-- expect: nothing
-- header: transaction none
-- header: phase contract
-- header: approve data-loss a copy
-- header: ignore drop-database it is made anew every night
drop database shop_copy;

-- case: a table is none
-- expect: nothing
-- header: phase contract
-- header: approve data-loss a copy
drop table shop_copy;
