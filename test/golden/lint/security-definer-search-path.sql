-- case: a function
-- expect: security-definer-search-path
create function app.is_admin(name text) returns boolean
  language sql security definer
  as 'select exists (select from admins a where a.name = is_admin.name)';

-- case: a function with its path
-- expect: nothing
create function app.is_admin(name text) returns boolean
  language sql security definer set search_path = app, pg_temp
  as 'select exists (select from admins a where a.name = is_admin.name)';

-- case: with an empty path
-- expect: nothing
create or replace function is_admin() returns boolean
  language sql security definer set search_path = ''
  as 'select true';

-- case: a replaced one, in quotes
-- expect: security-definer-search-path
create or replace function "App"."isAdmin"() returns boolean language sql as 'select true' security definer;

-- case: a procedure
-- expect: security-definer-search-path
create procedure purge() language plpgsql security definer as 'begin end';

-- case: another setting is not enough
-- expect: security-definer-search-path
create function one() returns int language sql security definer set work_mem = '1MB' as 'select 1';

-- case: made so later
-- expect: security-definer-search-path
alter function is_admin(text) security definer;

-- case: made so later, with its path
-- expect: nothing
alter function is_admin(text) security definer set search_path = app, pg_temp;

-- case: as the caller
-- expect: nothing
create function one() returns int language sql security invoker as 'select 1';

-- case: a body that is looked up when it is created
-- expect: nothing
create function one() returns int language sql security definer begin atomic select 1; end;
