/** Shows what an upgrade would do. */

import type { Backfill, Compatibility, RevisionId } from '../core/revision.ts';
import type { Preview } from '../runner/preview.ts';
import type { Step } from '../runner/step.ts';
import type { RunContext } from './run-context.ts';
import { wantsColour } from './run-context.ts';
import { table } from './table.ts';

/** Prints the preview as a table or as JSON. */
export function printPreview(
  run: RunContext,
  preview: Preview,
  options: { readonly json: boolean },
): void {
  const rows = preview.steps.flatMap(rowsOf);
  if (options.json) {
    const statements = rows.filter((row) => row.sql !== undefined);
    const revisions = preview.steps.map(({ revision }) => revision.id);
    run.edge.print(`${JSON.stringify({ heads: preview.heads, revisions, statements })}\n`);
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
        oneLine(`${row.backfill === undefined ? '' : 'backfill: '}${row.sql ?? '-'}`),
        row.location,
        row.compatible ?? '-',
        row.dataLoss.join(', ') || '-',
        row.description,
      ]),
      { colour: wantsColour(run.edge, run.edge.stdoutIsTerminal) },
    ),
  );
}

interface Row {
  readonly revision: RevisionId;
  readonly description: string;
  readonly compatible: Compatibility['verdict'] | undefined;
  readonly transaction: 'one' | 'none';
  readonly location: string;
  readonly command: string | undefined;
  readonly sql: string | undefined;
  readonly backfill: Backfill | undefined;
  readonly dataLoss: readonly string[];
}

/** A row for each statement; one without SQL where a revision has none, such as a merge. */
function rowsOf(step: Step): readonly Row[] {
  const { revision, direction, script, program, compatibility } = step;
  const about = {
    revision: revision.id,
    description: revision.description,
    // The verdict is on the way up.
    compatible: direction === 'upgrade' ? compatibility.verdict : undefined,
    transaction: revision.transaction,
  };
  if (script.statements.length === 0) {
    const isProgram = program !== undefined;
    return [
      {
        ...about,
        location: revision.file,
        command: isProgram ? 'typescript' : undefined,
        sql: isProgram ? '(known when it runs)' : undefined,
        backfill: undefined,
        dataLoss: [],
      },
    ];
  }
  return script.statements.map((statement) => ({
    ...about,
    location: `${revision.file}:${statement.line}`,
    command: statement.command,
    sql: statement.text,
    backfill: statement.backfill,
    dataLoss: statement.facts.dataLoss,
  }));
}

const SQL_LENGTH = 60;

/** The beginning of a statement, for a table. */
function oneLine(sql: string): string {
  const flat = sql.replace(/\s+/g, ' ').trim();
  return flat.length > SQL_LENGTH ? `${flat.slice(0, SQL_LENGTH - 1)}…` : flat;
}
