-- case: two types
-- expect: column-type-rewrite, repeated-rewrite
alter table rates alter column low type bigint;
alter table rates alter column high type bigint;

-- case: two types at once
-- expect: column-type-rewrite
alter table rates alter column low type bigint, alter column high type bigint;

-- case: two columns that become not null, in quotes
-- expect: repeated-rewrite, set-not-null-scans
alter table "App"."Rates" alter column low set not null;
alter table "App"."Rates" alter column high set not null;

-- case: two tables
-- expect: set-not-null-scans
alter table rates alter column low set not null;
alter table prices alter column low set not null;

-- case: each in a transaction of its own
-- expect: set-not-null-scans
-- header: transaction none
-- header: compatible yes every release writes them
alter table rates alter column low set not null;
alter table rates alter column high set not null;

-- case: something in between
-- expect: column-type-rewrite
alter table rates alter column low type bigint;
insert into log (what) values ('low is wider');
alter table rates alter column high type bigint;

-- case: a table of this file
-- expect: nothing
create table rates (low int, high int);
alter table rates alter column low type bigint;
alter table rates alter column high type bigint;

-- case: changes of the catalog alone
-- expect: nothing
alter table rates add column low int;
alter table rates add column high int;
