-- case: strong_migrations' example
-- expect: rename-enum-value
alter type status rename value 'done' to 'completed';

-- case: with a schema and a quote
-- expect: rename-enum-value
alter type app."Status" rename value 'it''s done' to 'completed';

-- case: beside an added one
-- expect: rename-enum-value
alter type status add value 'open';
alter type status rename value 'done' to 'completed';

-- case: strong_migrations' way: the new value beside the old one
-- expect: nothing
alter type status add value 'completed' after 'done';

-- case: a type of this release
-- expect: nothing
create type status as enum ('open', 'done');
alter type status rename value 'done' to 'completed';

-- case: after the rollout
-- expect: nothing
-- header: phase contract
alter type status rename value 'done' to 'completed';

-- case: somebody vouches
-- expect: nothing
-- header: compatible yes no row has it and no code writes it
alter type status rename value 'done' to 'completed';
