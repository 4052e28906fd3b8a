-- case: strong_migrations: an exclusion constraint
-- expect: exclusion-constraint
alter table users add constraint number_once exclude using gist (number with =);

-- case: of a new table
-- expect: nothing
create table bookings (room int, during tstzrange, exclude using gist (room with =, during with &&));

-- case: of a table of this file
-- expect: nothing
create table bookings (room int, during tstzrange);
alter table bookings add exclude using gist (room with =, during with &&);

-- case: without a name, in quotes
-- expect: exclusion-constraint
alter table "App"."Bookings" add exclude using gist ("Room" with =, during with &&) where (not cancelled);

-- case: beside another command
-- expect: exclusion-constraint
alter table bookings add column note text, add exclude using gist (during with &&);

-- case: deferrable
-- expect: exclusion-constraint
alter table bookings add constraint once exclude (number with =) deferrable initially deferred;
