/** How a revision's own statements are written into a script: conditions, rows to copy, checks. */

import { UsageError } from '../core/errors.ts';
import type { Statement } from '../core/revision.ts';
import { scanSql } from '../sql/lexer.ts';
import { dollarQuoted, psqlArgument, psqlText } from './script-text.ts';
import { raise, type ScriptWriter } from './script-writer.ts';
import type { OwnHistory } from './soft-drop-block.ts';
import { sentText } from './soft-drop-statement.ts';
import { UNPARSED } from './transaction.ts';

/** Revisions' statements in a script. */
export interface ScriptStatements {
  /** One statement, with its rows if it copies some. */
  run(statement: Statement): void;
  /** What follows is done only where `query` says true, until `otherwise` or `end`. */
  onlyIf(query: string): void;
  /** Whether a condition is open. */
  readonly isConditional: boolean;
  otherwise(): void;
  end(): void;
  /** Ends the script unless the statement succeeds and no row's first column is false. */
  verify(statement: Statement): void;
}

/** Statements for `script`; soft drops are remembered in `history`. */
export function scriptStatements(script: ScriptWriter, history: OwnHistory): ScriptStatements {
  let isConditional = false;
  const copy = (text: string, rows: string): void => {
    if (/\bcsv\b/i.test(text)) refuseOldPsql(script);
    if (!isConditional) {
      script.sql(text);
    } else {
      // psql would read the rows of a statement that it leaves out as SQL: they are always sent,
      // and only where they go depends on the condition.
      script.meta(`\\set slipway_copy ${psqlArgument(psqlText(text))}`);
      script.meta('\\else');
      script.sql('create temporary table slipway_skipped (line text)');
      script.meta(`\\set slipway_copy ${psqlArgument(COPY_NOWHERE)}`);
      script.meta('\\endif');
      script.meta(':slipway_copy;');
    }
    script.raw(rows);
    // Some servers hold the end's line break against those of the rows.
    script.raw(rows.endsWith('\r\n') ? '\\.\r\n' : '\\.\n');
    if (!isConditional) return;
    script.meta('\\if :slipway_only_if');
    script.meta('\\else');
    script.sql('drop table pg_temp.slipway_skipped');
    script.meta('\\endif');
    script.meta('\\if :slipway_only_if');
  };
  return {
    get isConditional() {
      return isConditional;
    },
    run(statement) {
      if (statement.command === UNPARSED) {
        script.comment('SQL that the parser of slipway does not understand: sent as it is.');
      }
      if (statement.softDrop !== undefined) script.comment(statement.text.replace(/^--\s*/, ''));
      if (statement.copyData === undefined) script.sql(sentText(statement, history));
      else copy(statement.text, statement.copyData);
    },
    onlyIf(query) {
      const condition = onlyStatement(query);
      script.sql(`select coalesce((${condition}), false) as slipway_only_if`, '\\gset');
      script.meta('\\if :slipway_only_if');
      isConditional = true;
    },
    otherwise() {
      script.meta('\\else');
    },
    end() {
      script.meta('\\endif');
      isConditional = false;
    },
    verify(statement) {
      if (statement.copyData !== undefined) {
        copy(statement.text, statement.copyData);
        return;
      }
      script.block(verifyBlock(statement));
    },
  };
}

/**
 * A psql before 18 sends the end of the rows along, and a server since 18 takes it for a row of CSV.
 *
 * https://www.postgresql.org/docs/18/release-18.html#RELEASE-18-MIGRATION
 */
function refuseOldPsql(script: ScriptWriter): void {
  script.meta(
    'select :VERSION_NUM < 180000 and :SERVER_VERSION_NUM >= 180000 as old_psql \\gset slipway_',
  );
  script.meta('\\if :slipway_old_psql');
  script.block(
    `begin ${raise(
      'this psql is too old to send CSV rows to this server',
      'Nothing of this revision is left. Run the script with psql 18 or newer.',
    )} end`,
  );
  script.meta('\\endif');
}

/** Takes each line as one value, whatever is in it. */
const COPY_NOWHERE =
  "copy pg_temp.slipway_skipped from stdin with (format csv, delimiter E'\\x01', quote E'\\x02')";

/** Commands that answer rows, always. */
const ANSWERS_ROWS: ReadonlySet<string> = new Set(['select', 'show', 'explain']);

function verifyBlock({ text, command, line }: Statement): string {
  const query = dollarQuoted(text, 'verify');
  // What answers no rows cannot be looped over: it is enough that it succeeds.
  const fallback = ANSWERS_ROWS.has(command)
    ? ''
    : `exception when invalid_cursor_definition then
  execute ${query};
`;
  return `declare
  slipway_row record;
begin
  for slipway_row in execute ${query} loop
    if (select value::text from pg_catalog.json_each(pg_catalog.row_to_json(slipway_row)) limit 1)
      = 'false' then
      ${raise(
        `not verified: the query on line ${line} of the revision's file answered false`,
        'The revision is not recorded as applied. See what the query asks for.',
      )}
    end if;
  end loop;
${fallback}end`;
}

/** The query of a condition, without a semicolon or a comment behind it. */
function onlyStatement(query: string): string {
  const found = [...scanSql(query)].flatMap((token) => (token.kind === 'statement' ? [token] : []));
  const [only] = found;
  if (only !== undefined && found.length === 1) return query.slice(only.start, only.end);
  throw new UsageError(
    'SLIPWAY_OFFLINE_UNSUPPORTED',
    `"only-if ${query}" is not one query, so it cannot be asked in a script`,
    { hint: 'Write one query that answers one boolean, or leave --sql out.' },
  );
}
