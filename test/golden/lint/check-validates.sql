-- case: squawk: a check
-- expect: check-validates
ALTER TABLE "accounts" ADD CONSTRAINT "positive_balance" CHECK ("balance" >= 0);

-- case: squawk: not valid, then validated
-- expect: nothing
-- header: transaction none
-- header: compatible yes balances were always positive
ALTER TABLE "accounts" ADD CONSTRAINT "positive_balance" CHECK ("balance" >= 0) NOT VALID;
ALTER TABLE accounts VALIDATE CONSTRAINT positive_balance;

-- case: strong_migrations: a check
-- expect: check-validates
alter table users add constraint price_check check (price > 0);

-- case: strong_migrations: without validation
-- expect: nothing
-- header: compatible yes prices were always positive
alter table users add constraint price_check check (price > 0) not valid;

-- case: strong_migrations: validated in another revision
-- expect: nothing
alter table users validate constraint price_check;

-- case: without a name, in quotes
-- expect: check-validates
alter table if exists only "App"."Accounts" add check ("Balance" >= 0 and "Limit" >= 0);

-- case: of a new column
-- expect: check-validates
alter table accounts add column rate numeric check (rate > 0);

-- case: of a new column that is checked later
-- expect: nothing
-- header: transaction none
-- header: compatible yes nobody writes it yet
alter table accounts add column rate numeric;
alter table accounts add constraint accounts_rate_check check (rate > 0) not valid;
alter table accounts validate constraint accounts_rate_check;

-- case: of a table of this file
-- expect: nothing
create table accounts (id bigint primary key, balance numeric);
alter table accounts add constraint positive check (balance >= 0);

-- case: squawk: text with a check on a new table
-- expect: nothing
CREATE TABLE "app_user" (
    "id" bigserial NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL
);
ALTER TABLE "app_user" ADD CONSTRAINT "text_size" CHECK (LENGTH("email") <= 100);
