-- case: squawk: varchar to text
-- expect: column-type-may-rewrite
alter table users alter column name type text;

-- case: squawk: a longer varchar
-- expect: column-type-may-rewrite
-- header: compatible yes it is wider
alter table users alter column name type varchar(10);

-- case: squawk: varchar to text, where it is known
-- expect: nothing
alter table users add column name varchar(20);
alter table users alter column name type text;

-- case: strong_migrations: a longer varchar, where it is known
-- expect: nothing
-- header: compatible yes it is wider
alter table users add column name varchar(20);
alter table users alter column name type varchar(40);

-- case: strong_migrations: no limit any more, where it is known
-- expect: nothing
alter table users add column name varchar(20);
alter table users alter column name type varchar;

-- case: strong_migrations: text to varchar without a limit, where it is known
-- expect: nothing
alter table users add column name text;
alter table users alter column name type varchar;

-- case: strong_migrations: more digits at the same scale, where it is known
-- expect: nothing
-- header: compatible yes it is wider
alter table users add column price numeric(8, 2);
alter table users alter column price type numeric(12, 2);

-- case: strong_migrations: no limit of digits, where it is known
-- expect: nothing
alter table users add column price decimal(8, 2);
alter table users alter column price type numeric;

-- case: strong_migrations: more precise times, where it is known
-- expect: nothing
-- header: compatible yes it is wider
alter table users add column a timestamp(0), add column b timestamptz(3), add column c time(2);
alter table users alter column a type timestamp(3), alter column b type timestamptz, alter column c type time;

-- case: strong_migrations: cidr to inet, where it is known
-- expect: nothing
-- header: compatible yes it is wider
alter table users add column net cidr;
alter table users alter column net type inet;

-- case: strong_migrations: citext to text, where it is known
-- expect: nothing
alter table users add column name citext;
alter table users alter column name type text;

-- case: strong_migrations: timestamp to timestamptz depends on the time zone
-- expect: column-type-may-rewrite
-- header: compatible yes clients read both
alter table users add column seen timestamp;
alter table users alter column seen type timestamptz;

-- case: numeric of something unknown
-- expect: column-type-may-rewrite
-- header: compatible yes it is wider
alter table "App"."Users" alter "Price" type numeric(12, 2);

-- case: with a cast that changes nothing
-- expect: column-type-may-rewrite
alter table users alter column name type text using name::text;
