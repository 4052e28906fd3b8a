/** The templates that slipway brings: the usual changes, each the way that locks least. */

import type { Template } from './ports.ts';

const DEFAULT_SQL = `{{header}}

-- slipway:up

-- slipway:down
`;

const DEFAULT_TYPESCRIPT = `import { defineRevision } from 'slipway';

export default defineRevision({
  {{header}}
  async up(db) {
  },
  async down(db) {
  },
});
`;

const MERGE = `{{header}}

-- slipway:up
-- Nothing to do: this revision only joins branches.

-- slipway:down
-- Nothing to undo: the branches stay as they are.
`;

const CREATE_TABLE = `{{header}}

-- slipway:up
create table table_name (
  id bigint generated always as identity primary key,
  created_at timestamptz not null default now()
);

-- slipway:down
drop table table_name;
`;

const ADD_COLUMN = `{{header}}

-- slipway:up
-- Nullable, or with a constant default: Postgres then neither rewrites the table nor reads its rows.
alter table table_name add column column_name text;

-- slipway:verify
select column_name from table_name limit 0;

-- slipway:down
alter table table_name drop column column_name;
`;

const CREATE_INDEX = `{{header}}
-- slipway:transaction none

-- slipway:up
-- Concurrently: writes go on while the index is built, which no transaction allows. Keep the name:
-- by it an interrupted build is found and begun again.
create index concurrently table_name_column_name on table_name (column_name);

-- slipway:down
drop index concurrently table_name_column_name;
`;

const ADD_CONSTRAINT = `{{header}}
-- slipway:transaction none

-- slipway:up
-- Not valid: holds for new rows at once and reads no old ones, so that the lock on the table is short.
-- slipway:idempotent
-- slipway:only-if select not exists (select from pg_constraint where conname = 'constraint_name')
alter table table_name add constraint constraint_name check (column_name is not null) not valid;

-- Reads every row, and lets reads and writes go on meanwhile; in one transaction with the statement
-- above, the lock of that one would be held as long as this takes.
-- slipway:idempotent
alter table table_name validate constraint constraint_name;

-- slipway:down
-- slipway:idempotent
alter table table_name drop constraint if exists constraint_name;
`;

const ADD_ENUM_VALUE = `{{header}}
-- slipway:irreversible Postgres cannot drop a value of an enum

-- slipway:up
-- The value can be used in the next revision: not in the transaction that adds it.
alter type type_name add value if not exists 'value';
`;

const RENAME_COLUMN = `{{header}}

-- slipway:up
-- Expand: a rename would break the running release at once. Both columns live side by side, and the
-- trigger keeps them alike whichever of them code writes.
alter table table_name add column new_name text;

create function table_name_sync_new_name() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.new_name := coalesce(new.new_name, new.old_name);
    new.old_name := new.new_name;
  elsif new.new_name is distinct from old.new_name then
    new.old_name := new.new_name;
  else
    new.new_name := new.old_name;
  end if;
  return new;
end $$;

create trigger table_name_sync_new_name
  before insert or update on table_name
  for each row execute function table_name_sync_new_name();

-- Of a large table in portions, in revisions of their own.
update table_name set old_name = old_name where new_name is distinct from old_name;

-- Contract: once no release reads or writes old_name, a later revision (--phase contract) says
--   drop trigger table_name_sync_new_name on table_name;
--   drop function table_name_sync_new_name();
--   alter table table_name drop column old_name;

-- slipway:down
drop trigger table_name_sync_new_name on table_name;
drop function table_name_sync_new_name();
alter table table_name drop column new_name;
`;

const DATA_CHANGE = `{{header}}

-- slipway:up
-- One statement holds its row locks until the commit: keep it to the rows that need it.
update table_name
set column_name = 'new value'
where column_name = 'old value';

-- slipway:verify
-- False rolls the revision back.
select not exists (select from table_name where column_name = 'old value');

-- slipway:down
-- Only where the rows can still be told apart from those that had the new value before.
update table_name
set column_name = 'old value'
where column_name = 'new value';
`;

const sql = (name: string, text: string): Template => ({
  name,
  language: 'sql',
  file: undefined,
  text,
});

/** What a merge revision is made from. */
export const MERGE_TEMPLATE = sql('merge', MERGE);

/** slipway's own templates; `default` is used when none is asked for. */
export const BUILT_IN_TEMPLATES: readonly Template[] = [
  sql('default', DEFAULT_SQL),
  { name: 'default', language: 'typescript', file: undefined, text: DEFAULT_TYPESCRIPT },
  sql('create-table', CREATE_TABLE),
  sql('add-column', ADD_COLUMN),
  sql('create-index', CREATE_INDEX),
  sql('add-constraint', ADD_CONSTRAINT),
  sql('add-enum-value', ADD_ENUM_VALUE),
  sql('rename-column', RENAME_COLUMN),
  sql('data-change', DATA_CHANGE),
];
