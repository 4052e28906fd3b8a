-- case: small ones between large ones
-- expect: column-alignment
create table flags (active boolean, id bigint primary key, seen boolean, at timestamptz);

-- case: the same in order
-- expect: nothing
create table flags (id bigint primary key, at timestamptz, active boolean, seen boolean);

-- case: text in front
-- expect: column-alignment
create table app."Users" (name text, id bigint primary key, "Age" smallint, created_at timestamptz);

-- case: what is lost is less than a row is rounded up by
-- expect: nothing
create table t (a boolean, b integer);

-- case: a type of unknown size
-- expect: nothing
create table t (a boolean, b bigint, c boolean, d bigint, e status);

-- case: an old table
-- expect: nothing
alter table flags add column a boolean, add column b bigint, add column c boolean, add column d bigint;

-- case: arrays and uuids
-- expect: column-alignment
create table t (ok boolean, tags text[], a bigint, id uuid primary key, b bigint, c boolean, d bigint);
