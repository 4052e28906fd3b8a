-- case: a table with rows
-- expect: attach-partition-scans
alter table orders attach partition orders_2024 for values from ('2024-01-01') to ('2025-01-01');

-- case: a table with rows and a list
-- expect: attach-partition-scans
alter table "App"."Orders" attach partition "App"."Orders EU" for values in ('de', 'fr');

-- case: a default partition
-- expect: attach-partition-scans
alter table orders attach partition orders_other default;

-- case: a new table
-- expect: nothing
create table orders_2024 (like orders including all);
alter table orders attach partition orders_2024 for values from ('2024-01-01') to ('2025-01-01');

-- case: a check was validated
-- expect: nothing
-- header: transaction none
-- header: compatible yes nobody writes to it yet
alter table orders_2024 add constraint bound check (day is not null and day >= '2024-01-01' and day < '2025-01-01') not valid;
alter table orders_2024 validate constraint bound;
alter table orders attach partition orders_2024 for values from ('2024-01-01') to ('2025-01-01');
alter table orders_2024 drop constraint bound;

-- case: a check was not validated
-- expect: attach-partition-scans
-- header: transaction none
-- header: compatible yes nobody writes to it yet
alter table orders_2024 add constraint bound check (day is not null and day >= '2024-01-01' and day < '2025-01-01') not valid;
alter table orders attach partition orders_2024 for values from ('2024-01-01') to ('2025-01-01');

-- case: another constraint was validated
-- expect: attach-partition-scans
-- header: transaction none
-- header: compatible yes nobody writes to it yet
alter table orders_2024 add constraint customer foreign key (customer_id) references customers (id) not valid;
alter table orders_2024 validate constraint customer;
alter table orders attach partition orders_2024 for values from ('2024-01-01') to ('2025-01-01');

-- case: a table is created as a partition
-- expect: nothing
create table orders_2024 partition of orders for values from ('2024-01-01') to ('2025-01-01');
