-- case: a schema in an expand revision
-- expect: drop-schema
drop schema reports;

-- case: with all that is in it
-- expect: drop-schema, drop-cascade
drop schema reports cascade;

-- case: quoted, two, if they exist
-- expect: drop-schema
drop schema if exists "Reports", archive;

-- case: a schema of this release
-- expect: nothing
create schema reports;
drop schema reports;

-- case: empty, after the rollout
-- expect: nothing
-- header: phase contract
drop schema reports;

-- case: cascade loses data, which needs approval after the rollout as well
-- expect: drop-cascade, unapproved-data-loss
-- header: phase contract
drop schema reports cascade;

-- case: somebody vouches
-- expect: nothing
-- header: compatible yes it was never in use
drop schema reports;
