/** `slipway current`: the heads that the database is at. */

import { describeOrigin } from '../../core/decide.ts';
import { CheckFailed } from '../../core/errors.ts';
import { isServedBy } from '../../core/release.ts';
import type { CommandOptions } from '../command-spec.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { openRelease, withDatabase } from '../wire.ts';

/**
 * Prints the current heads.
 * @throws CheckFailed `SLIPWAY_CHECK_PENDING` with `--check-heads`
 */
export async function currentCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { edge } = run;
  await withDatabase(run, async (opened) => {
    const heads = opened.summary?.heads ?? [];
    const rows =
      opened.summary === undefined
        ? []
        : (await opened.migration.applied.list()).filter((row) => heads.includes(row.id));
    if (options['json'] === true) {
      edge.print(
        `${JSON.stringify({
          heads,
          managed: opened.summary !== undefined,
          applied: opened.summary?.applied ?? 0,
          revisions: rows,
        })}\n`,
      );
    } else if (options['verbose'] === true && rows.length > 0) {
      edge.print(
        table(
          ['REVISION', 'APPLIED AT', 'BY', 'DESCRIPTION'],
          rows.map((row) => [row.id, row.appliedAt, describeOrigin(row), row.description]),
          { colour: wantsColour(edge, edge.stdoutIsTerminal) },
        ),
      );
    } else {
      for (const head of heads) edge.print(`${head}\n`);
    }
    if (options['checkHeads'] !== true) return;
    const identity = await openRelease(run).identity();
    if (!isServedBy(identity, opened.summary, 'all')) {
      throw new CheckFailed(
        'SLIPWAY_CHECK_PENDING',
        `the database is at ${heads.join(', ') || 'base'}, the files are at ${identity.heads.join(', ') || 'base'}`,
        {
          hint: 'slipway status says what is pending; slipway upgrade applies it.',
          details: { heads, wanted: identity.heads },
        },
      );
    }
  });
}
