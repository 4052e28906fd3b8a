/** Shows what an upgrade would do. */

import type { Preview } from '../runner/preview.ts';
import type { RunContext } from './run-context.ts';
import { wantsColour } from './run-context.ts';
import { table } from './table.ts';

/** Prints the preview as a table or as JSON. */
export function printPreview(
  run: RunContext,
  preview: Preview,
  options: { readonly json: boolean },
): void {
  const rows = preview.steps.flatMap(({ revision, script, program, compatibility }) => [
    ...(program === undefined
      ? []
      : [
          {
            revision: revision.id,
            description: revision.description,
            location: revision.file,
            command: 'typescript',
            sql: '(known when it runs)',
            compatible: compatibility.verdict,
            dataLoss: [],
            transaction: revision.transaction,
          },
        ]),
    ...script.statements.map((statement) => ({
      revision: revision.id,
      description: revision.description,
      location: `${revision.file}:${statement.line}`,
      command: statement.command,
      sql: statement.text,
      compatible: compatibility.verdict,
      dataLoss: statement.facts.dataLoss,
      transaction: revision.transaction,
    })),
  ]);
  if (options.json) {
    run.edge.print(`${JSON.stringify({ heads: preview.heads, statements: rows })}\n`);
    return;
  }
  if (preview.steps.length === 0) {
    run.edge.print(preview.ahead ? 'the database is ahead, and compatible\n' : 'nothing to do\n');
    return;
  }
  run.edge.print(
    table(
      ['REVISION', 'STATEMENT', 'AT', 'COMPATIBLE', 'LOSES', 'DESCRIPTION'],
      rows.map((row) => [
        row.revision,
        oneLine(row.sql),
        row.location,
        row.compatible,
        row.dataLoss.join(', ') || '-',
        row.description,
      ]),
      { colour: wantsColour(run.edge, run.edge.stdoutIsTerminal) },
    ),
  );
}

const SQL_LENGTH = 60;

/** The beginning of a statement, for a table. */
function oneLine(sql: string): string {
  const flat = sql.replace(/\s+/g, ' ').trim();
  return flat.length > SQL_LENGTH ? `${flat.slice(0, SQL_LENGTH - 1)}…` : flat;
}
