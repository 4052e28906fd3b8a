-- case: squawk: at the end
-- expect: enum-value-order
ALTER TYPE status ADD VALUE 'pending_review';

-- case: squawk: before
-- expect: nothing
ALTER TYPE status ADD VALUE 'pending_review' BEFORE 'approved';

-- case: squawk: after
-- expect: nothing
ALTER TYPE status ADD VALUE 'pending_review' AFTER 'submitted';

-- case: if not exists, in quotes
-- expect: enum-value-order
alter type "App"."Status" add value if not exists 'in review';

-- case: a new type
-- expect: nothing
create type status as enum ('draft', 'submitted');

-- case: a label gets another name
-- expect: rename-enum-value
alter type status rename value 'draft' to 'open';
