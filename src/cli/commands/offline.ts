/** `--sql`: prints what a command would do as a script for psql, instead of doing it. */

import { hash } from 'node:crypto';
import { UsageError } from '../../core/errors.ts';
import type { RunOutcome } from '../../core/outcome.ts';
import { isRange, type PointTarget } from '../../core/target.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { scriptDatabase } from '../../postgres/script-database.ts';
import { scriptWriter } from '../../postgres/script-writer.ts';
import { narrator } from '../../runner/narrator.ts';
import { asksDatabase, type History, parseOffline, settleRange } from '../../runner/offline.ts';
import type { MigrationDatabase, Release, Surroundings } from '../../runner/ports.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { RunContext } from '../run-context.ts';
import { VERSION } from '../version.ts';
import { withDatabase } from '../wire.ts';

/** A command that can be written down as a script. */
export interface OfflineCommand {
  readonly name: 'upgrade' | 'downgrade' | 'stamp';
  /** Targets as written; one of them alone may be a range. */
  readonly targets: readonly string[];
  readonly options: CommandOptions;
}

/** What is to be written down. */
export interface OfflineWork {
  /** Undefined where there are no files, and the database is asked for all. */
  readonly release: Release | undefined;
  /** What the command does once it knows its targets. */
  perform(
    db: MigrationDatabase,
    targets: readonly PointTarget[],
    surroundings: Surroundings,
  ): Promise<RunOutcome>;
}

/**
 * Whether the command was asked for a script.
 * @throws UsageError for flags that do not go together, and for a range that is not offline
 */
export function isOffline({ name, targets, options }: OfflineCommand): boolean {
  if (options['sql'] === true) {
    for (const flag of ['json', 'dryRun'] as const) {
      if (options[flag] === true) throw notWithSql(flag === 'json' ? '--json' : '--dry-run');
    }
    return true;
  }
  const range = targets.find(isRange);
  if (range !== undefined) {
    throw new UsageError('SLIPWAY_USAGE', `"${range}" is a range, and only --sql takes one`, {
      hint: `Online the database says where it starts: slipway ${name} ${range.slice(range.indexOf(':') + 1) || 'head'}.`,
    });
  }
  if (options['out'] !== undefined) {
    throw new UsageError('SLIPWAY_USAGE', '--out is for the script of --sql', {
      hint: 'Add --sql, or leave --out out.',
    });
  }
  return false;
}

function notWithSql(flag: string): UsageError {
  return new UsageError('SLIPWAY_USAGE', `${flag} does not go with --sql`, {
    hint: 'A script is SQL and nothing else.',
  });
}

/** Writes the script. Asks a database only where the range names what it holds. */
export async function offline(
  run: RunContext,
  command: OfflineCommand,
  work: OfflineWork,
): Promise<undefined> {
  const range = parseOffline(command.name, command.targets);
  const write = async (database: History | undefined): Promise<void> => {
    const { start, targets } = await settleRange(work.release, range, database);
    const text = await scriptOf(run, command, { ...work, start, targets });
    const { out } = command.options;
    if (typeof out === 'string') await writeWhole(out, text);
    else run.edge.print(text);
  };
  if (!asksDatabase(range)) {
    await write(undefined);
    return;
  }
  await withDatabase(run, async ({ summary, migration }) => {
    const { applied } = migration;
    // One look: what is decided twice must be decided alike.
    const rows = summary === undefined ? [] : await applied.list();
    await write({
      summary: async () => summary,
      list: async () => rows,
      sources: (ids) => applied.sources(ids),
    });
  });
}

interface SettledWork extends OfflineWork {
  readonly start: History;
  readonly targets: readonly PointTarget[];
}

async function scriptOf(
  run: RunContext,
  command: OfflineCommand,
  work: SettledWork,
): Promise<string> {
  const { settings, surroundings } = run;
  const { release, start, targets } = work;
  const summary = await start.summary();
  const graph = await release?.graph();
  const files = new Map((await start.list()).map((row) => [row.id, row.file]));
  const script = scriptWriter();
  const reporter = narrator(
    script,
    run.reporter,
    (id) => files.get(id) ?? graph?.nodes.get(id)?.file,
  );
  const database = scriptDatabase(script, {
    searchPath: settings.searchPath,
    role: settings.role,
    context: {
      schema: settings.historySchema,
      // The same script for the same files, so that two of them can be compared.
      runId: fingerprint([VERSION, command.name, ...command.targets, summary?.digest ?? '']),
      provenance: run.provenance,
      reporter,
    },
    start,
  });
  const outcome = await work.perform(database, targets, { ...surroundings, reporter });
  const header = scriptWriter();
  const name = [command.name, ...command.targets].join(' ');
  header.comment(`slipway ${VERSION}: ${name} --sql`);
  header.comment(
    `From ${summary?.heads.join(', ') || 'base'} to ${outcome.heads.join(', ') || 'base'}.`,
  );
  header.comment('');
  if (outcome.outcome !== 'done') {
    header.comment('Nothing to do.');
    return header.text();
  }
  header.comment('Run it whole: psql -X -v ON_ERROR_STOP=1 -f FILE');
  header.comment(
    'It refuses a database that is not where it starts, and commits each revision by itself.',
  );
  if (reporter.revisions.length > 0) header.comment('');
  for (const { id, description } of reporter.revisions) header.comment(`  ${id}  ${description}`);
  header.gap();
  return `${header.text()}${script.text()}`;
}

function fingerprint(parts: readonly string[]): string {
  return hash('sha256', parts.join('\n')).slice(0, 12);
}
