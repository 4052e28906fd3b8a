-- case: a table and a column in capitals
-- expect: naming
create table "User" ("userId" bigint primary key);

-- case: a schema
-- expect: naming
create schema "Reports";

-- case: a column that is added
-- expect: naming
alter table users add column "firstName" text;

-- case: an index
-- expect: naming
-- header: transaction none
create index concurrently "IX_users_email" on users (email);

-- case: a foreign key
-- expect: naming
create table orders (id bigint primary key, user_id bigint, constraint "FK_user" foreign key (user_id) references users (id));

-- case: a check
-- expect: naming
create table orders (id bigint primary key, total numeric constraint "Total!" check (total >= 0));

-- case: a new name
-- expect: naming
-- header: phase contract
alter table users rename column mail to "eMail";

-- case: all in small letters
-- expect: nothing
create table order_items (id bigint primary key, order_id bigint not null, constraint order_items_order foreign key (order_id) references orders (id));

-- case: capitals without quotes are small letters
-- expect: nothing
CREATE TABLE Users (Id bigint primary key);

-- case: old names are as they are
-- expect: nothing
alter table "User" add column phone text;
