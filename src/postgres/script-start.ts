/** How a script begins: psql's settings, the lock, the history schema, and proof of where it starts. */

import { EMPTY_DIGEST, type Summary } from '../core/applied.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { HISTORY_FORMATS } from './history-schema.ts';
import { tryLockQuery } from './lock.ts';
import { CLIENT_GUARDS } from './prelude.ts';
import { literal } from './script-text.ts';
import { raise, type ScriptWriter } from './script-writer.ts';
import { CURRENT_FORMAT } from './summary.ts';
import {
  firstSummary,
  historyPrelude,
  raiseFormat,
  schemaStatements,
  tableStatements,
} from './version-table.ts';

/** A script reads and is read in UTF-8, whatever psql's locale says. */
export const CLIENT_ENCODING = "set client_encoding = 'UTF8'";

/** What of psql's settings would change the meaning of a script. */
const PSQL_SETTINGS = [
  'ON_ERROR_STOP on',
  'ON_ERROR_ROLLBACK off',
  'AUTOCOMMIT on',
  'SINGLELINE off',
  'FETCH_COUNT 0',
  'QUIET on',
];

/** Sets psql up, and takes the migration lock or ends with an error. */
export function writeLock(script: ScriptWriter, schema: string, role: string | undefined): void {
  for (const setting of PSQL_SETTINGS) script.meta(`\\set ${setting}`);
  const setRole = role === undefined ? [] : [`set role ${quoteIdentifier(role)}`];
  script.settings([CLIENT_ENCODING, ...setRole]);
  script.own(tryLockQuery(schema), '\\gset slipway_');
  script.meta('\\if :slipway_locked');
  script.settings(CLIENT_GUARDS.map((guard) => `set ${guard}`));
  script.meta('\\else');
  script.block(
    `begin ${raise(
      `another session holds the migration lock of schema "${schema}"`,
      'Nothing was changed. slipway status shows who it is; run the script when it has finished.',
    )} end`,
  );
  script.meta('\\endif');
}

/** Creates the history schema where there is none. */
export function writeHistory(script: ScriptWriter, schema: string, role: string | undefined): void {
  const latest = HISTORY_FORMATS.at(-1);
  if (latest === undefined) return;
  const name = quoteIdentifier(schema);
  script.gap();
  script.comment('The history schema, where there is none yet.');
  script.own(
    {
      text: 'select to_regnamespace($1) is null as no_schema, to_regclass($2) is null as no_tables',
      values: [name, `${name}.summary`],
    },
    '\\gset slipway_',
  );
  script.meta('\\if :slipway_no_tables');
  script.settings(historyPrelude(role));
  script.meta('\\if :slipway_no_schema');
  for (const statement of schemaStatements(schema)) script.sql(statement);
  script.meta('\\endif');
  for (const statement of tableStatements(schema, HISTORY_FORMATS)) script.sql(statement);
  script.sql(firstSummary(schema, latest));
  script.sql('commit');
  script.meta('\\endif');
}

/** Brings an older history schema to the format that the script writes. */
export function writeUpgrade(script: ScriptWriter, schema: string, role: string | undefined): void {
  const s = quoteIdentifier(schema);
  for (const step of HISTORY_FORMATS.slice(1)) {
    script.gap();
    script.comment(`The history schema in format ${step.format}, where it is an older one.`);
    script.own(
      { text: `select format < ${step.format} as old_format from ${s}.summary` },
      '\\gset slipway_',
    );
    script.meta('\\if :slipway_old_format');
    script.settings(historyPrelude(role));
    for (const statement of tableStatements(schema, [step])) script.sql(statement);
    script.sql(raiseFormat(schema, step));
    script.sql('commit');
    script.meta('\\endif');
  }
}

const ANEW =
  'Nothing was changed. Write the script anew for this database, with "current" as the start of its range.';

/** Ends with an error unless the database is exactly where the script starts. */
export function writeStartCheck(
  script: ScriptWriter,
  schema: string,
  start: Summary | undefined,
): void {
  const s = quoteIdentifier(schema);
  const heads = start?.heads ?? [];
  const from = heads.join(', ') || 'base';
  const message = (text: string): string => literal(`this script starts from ${from}${text}`);
  script.gap();
  script.comment(`Only for a database that is at ${from}.`);
  script.block(`declare
  slipway_now record;
begin
  if to_regclass(${literal(`${s}.summary`)}) is null then
    ${raise(
      `this script starts from ${from}, and slipway has never migrated this database`,
      'Nothing was changed. Write a script that starts from base.',
    )}
  end if;
  select s.heads, s.digest, s.floor, s.format,
    (select string_agg(r.id, ', ' order by r.id) from ${s}.revision r where r.state = 'partial')
      as partial
  into slipway_now
  from ${s}.summary s;
  if slipway_now.format is null or slipway_now.format > ${CURRENT_FORMAT} then
    ${raise(
      `this script writes format ${CURRENT_FORMAT} of the history schema, and the database has a newer one`,
      'Nothing was changed. Write the script with the newer slipway.',
    )}
  end if;
  if slipway_now.partial is not null then
    raise exception using
      message = 'half applied: ' || slipway_now.partial,
      hint = 'Nothing was changed. slipway upgrade or slipway downgrade finishes it; a script cannot.';
  end if;
  if slipway_now.digest is distinct from ${literal(start?.digest ?? EMPTY_DIGEST)}
    or slipway_now.floor is distinct from ${literal(start?.floor)} then
    raise exception using
      message = case when slipway_now.heads = ${literal([...heads].sort())}
        then ${message('; so is the database, with other files or in another order')}
        else ${message(', and the database is at ')}
          || coalesce(nullif(array_to_string(slipway_now.heads, ', '), ''), 'base') end,
      hint = ${literal(ANEW)};
  end if;
end`);
}
