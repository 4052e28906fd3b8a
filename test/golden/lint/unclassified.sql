-- case: a do block
-- expect: unclassified
do $$ begin perform 1; end $$;

-- case: a call
-- expect: unclassified
call refresh_totals();

-- case: a function of somebody else
-- expect: unclassified
select create_hypertable('metrics', 'time');

-- case: a trigger on an old table
-- expect: unclassified
create trigger stamp before insert on "App"."Users" for each row execute function stamp();

-- case: another owner
-- expect: unclassified
alter table users owner to app;

-- case: what the parser does not know
-- expect: unclassified
create quantum table users (id bigint);

-- case: the header says yes
-- expect: nothing
-- header: compatible yes it only fills a table of totals
do $$ begin perform 1; end $$;

-- case: the header says no
-- expect: nothing
-- header: compatible no it renames columns
do $$ begin perform 1; end $$;

-- case: it is accepted
-- expect: nothing
-- header: approve unknown reviewed by hand
do $$ begin perform 1; end $$;

-- case: after the rollout
-- expect: nothing
-- header: phase contract
do $$ begin perform 1; end $$;

-- case: functions of Postgres
-- expect: nothing
select setval('users_id_seq', 1000);

-- case: a trigger on a new table
-- expect: nothing
create table users (id bigint primary key);
create trigger stamp before insert on users for each row execute function stamp();
