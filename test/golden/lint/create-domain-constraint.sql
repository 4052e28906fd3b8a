-- case: squawk: with a check
-- expect: create-domain-constraint
create domain email as text check (value like '%@%');

-- case: not null
-- expect: create-domain-constraint
create domain "App"."Email" as text not null;

-- case: a constraint with a name
-- expect: create-domain-constraint
create domain email as text constraint at check (value like '%@%') default 'a@b';

-- case: without a constraint
-- expect: nothing
create domain email as text;

-- case: with a default
-- expect: nothing
create domain email as text default '';

-- case: a check of a table
-- expect: nothing
create table users (email text check (email like '%@%'));
