-- case: an ignore that keeps nothing back
-- expect: unused-ignore
-- slipway:ignore unused-ignore-me there is no such rule
alter table users add column phone text;

-- case: a header that keeps nothing back
-- expect: unused-ignore
-- header: ignore no-such-rule whatever
alter table users add column phone text;
