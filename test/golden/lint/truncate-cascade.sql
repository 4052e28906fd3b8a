-- case: squawk's example
-- expect: truncate-cascade
-- header: approve data-loss only test data so far
truncate a cascade;

-- case: squawk's way out: the tables by name
-- expect: nothing
-- header: approve data-loss only test data so far
truncate a, b;

-- case: not approved either
-- expect: truncate-cascade, unapproved-data-loss
truncate table app."Orders" cascade;

-- case: several, from one again
-- expect: truncate-cascade
-- header: approve data-loss only test data so far
truncate a, b restart identity cascade;

-- case: after the rollout as well
-- expect: truncate-cascade
-- header: phase contract
-- header: approve data-loss only test data so far
truncate a cascade;

-- case: restrict is what is meant without a word
-- expect: nothing
-- header: approve data-loss only test data so far
truncate a restrict;

-- case: squawk's tables, created in the same revision
-- expect: unapproved-data-loss
create table a (a_id int primary key);
create table b (b_id int primary key, a_id int, foreign key (a_id) references a(a_id));
create table c (c_id int primary key, b_id int, foreign key (b_id) references b(b_id));
insert into a (a_id) values (1), (2), (3);
insert into b (b_id, a_id) values (101, 1), (102, 2), (103, 3);
insert into c (c_id, b_id) values (1001, 101), (1002, 102), (1003, 103);
truncate a cascade;
