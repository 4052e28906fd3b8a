-- case: a constraint that old writers may violate, though it is not valid yet
-- expect: breaking-change
alter table orders add constraint orders_total check (total >= 0) not valid;

-- case: a foreign key
-- expect: breaking-change
alter table "App"."Orders" add foreign key (user_id) references users (id) not valid;

-- case: a privilege that is taken away
-- expect: breaking-change
revoke select on orders from reports;

-- case: a default that inserts rely on
-- expect: breaking-change
alter table orders alter column state drop default;

-- case: row security
-- expect: breaking-change
alter table orders enable row level security;

-- case: a restrictive policy
-- expect: breaking-change
create policy own_rows on orders as restrictive using (owner = current_user);

-- case: another rule knows better
-- expect: drop-column
alter table orders drop column total;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter table orders add constraint orders_total check (total >= 0) not valid;

-- case: somebody vouches
-- expect: nothing
-- header: compatible yes no code ever wrote a negative total
alter table orders add constraint orders_total check (total >= 0) not valid;

-- case: somebody accepts it
-- expect: nothing
-- header: approve breaking the old release is taken down first
revoke select on orders from reports;

-- case: a table of this release
-- expect: nothing
create table orders (id bigint primary key, total numeric);
alter table orders add constraint orders_total check (total >= 0);
alter table orders enable row level security;

-- case: a new column of an old table
-- expect: nothing
alter table orders add column note text;
alter table orders add constraint orders_note check (length(note) <= 100) not valid;
