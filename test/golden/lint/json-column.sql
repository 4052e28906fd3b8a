-- case: strong_migrations' example
-- expect: json-column
alter table users add column properties json;

-- case: strong_migrations' way out
-- expect: nothing
alter table users add column properties jsonb;

-- case: a new table
-- expect: json-column
create table "App"."Events" (id bigint primary key, "Payload" json not null);

-- case: several values
-- expect: json-column
create table events (payloads json[]);

-- case: an old column
-- expect: json-column, column-type-rewrite
alter table events alter column payload type json using payload::json;

-- case: text
-- expect: nothing
create table events (id bigint primary key, payload text);

-- case: a type of that name in another schema
-- expect: nothing
create table events (payload app.json);
