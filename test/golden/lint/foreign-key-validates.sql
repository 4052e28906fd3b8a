-- case: squawk: a foreign key of an existing table
-- expect: foreign-key-validates
ALTER TABLE "email" ADD CONSTRAINT "fk_user"
    FOREIGN KEY ("user_id") REFERENCES "user" ("id");

-- case: squawk: not valid, then validated
-- expect: nothing
-- header: transaction none
-- header: compatible yes they always referred to users
ALTER TABLE "email" ADD CONSTRAINT "fk_user"
    FOREIGN KEY ("user_id") REFERENCES "user" ("id") NOT VALID;
ALTER TABLE "email" VALIDATE CONSTRAINT "fk_user";

-- case: squawk: a foreign key of a new table
-- expect: nothing
CREATE TABLE email (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT,
    email TEXT,
    PRIMARY KEY(id),
    CONSTRAINT fk_user
        FOREIGN KEY ("user_id")
        REFERENCES "user" ("id")
);

-- case: squawk: not valid on a new table
-- expect: nothing
CREATE TABLE email (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    user_id BIGINT,
    email TEXT,
    PRIMARY KEY(id)
);
ALTER TABLE "email" ADD CONSTRAINT "fk_user"
    FOREIGN KEY ("user_id") REFERENCES "user" ("id") NOT VALID;
ALTER TABLE "email" VALIDATE CONSTRAINT "fk_user";

-- case: strong_migrations: a foreign key
-- expect: foreign-key-validates
alter table users add constraint fk_rails_1 foreign key (order_id) references orders (id);

-- case: strong_migrations: a reference with a foreign key
-- expect: foreign-key-validates, index-not-concurrent
alter table users add column order_id bigint;
create index index_users_on_order_id on users (order_id);
alter table users add constraint fk_rails_1 foreign key (order_id) references orders (id);

-- case: strong_migrations: added without validation
-- expect: nothing
-- header: compatible yes they always referred to orders
alter table users add constraint fk_rails_1 foreign key (order_id) references orders (id) not valid;

-- case: strong_migrations: validated in a revision of its own
-- expect: nothing
alter table users validate constraint fk_rails_1;

-- case: without a name, of two columns, in a schema
-- expect: foreign-key-validates
alter table "App".lines add foreign key (shop, "Order") references "App"."Orders" (shop, id) on delete cascade;

-- case: two in one statement
-- expect: foreign-key-validates
alter table lines
  add constraint lines_order foreign key (order_id) references orders (id) not valid,
  add constraint lines_item foreign key (item_id) references items (id);

-- case: a new column that holds nothing yet
-- expect: nothing
alter table lines add column item_id bigint references items (id);

-- case: a new column with a default
-- expect: foreign-key-validates
alter table lines add column shop_id bigint default 1 references shops (id);

-- case: a new column whose default is null
-- expect: foreign-key-validates
alter table lines add column shop_id bigint default null references shops (id);

-- case: a new column beside one with a default
-- expect: nothing
alter table lines add column item_id bigint references items (id), add column amount int default 1;

-- case: not enforced
-- expect: nothing
-- postgres: 18
-- header: compatible yes it is not enforced
alter table lines add constraint lines_item foreign key (item_id) references items (id) not enforced;
