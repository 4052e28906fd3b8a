-- case: squawk: a constraint of a domain
-- expect: domain-constraint
ALTER DOMAIN zipcode ADD CONSTRAINT zipchk CHECK (char_length(VALUE) = 5);

-- case: squawk: a constraint of the column
-- expect: nothing
-- header: transaction none
-- header: compatible yes the form refuses others
alter table addresses add constraint zipchk check (char_length(zip) = 5) not valid;
alter table addresses validate constraint zipchk;

-- case: not valid
-- expect: nothing
-- header: compatible yes the form refuses others
alter domain zipcode add constraint zipchk check (char_length(value) = 5) not valid;

-- case: validated
-- expect: domain-constraint
alter domain "App"."Zip Code" validate constraint zipchk;

-- case: not null
-- expect: domain-constraint
alter domain zipcode set not null;

-- case: a domain of this file
-- expect: nothing
create domain zipcode as text;
alter domain zipcode add constraint zipchk check (char_length(value) = 5);

-- case: a constraint is dropped
-- expect: nothing
alter domain zipcode drop constraint zipchk;
