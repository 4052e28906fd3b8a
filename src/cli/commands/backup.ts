/** `slipway backup`: makes a backup now, or lists those that were made. */

import { describeBackup } from '../../core/backup.ts';
import { formatBytes } from '../../core/bytes.ts';
import { RunError, UsageError } from '../../core/errors.ts';
import { backupDetail } from '../../runner/danger-backup.ts';
import type { BackupScope, LoggedEntry } from '../../runner/ports.ts';
import { type BackupTarget, noTarget, settledTarget } from '../backup-target.ts';
import { openBackups } from '../backups.ts';
import type { CommandOptions } from '../command-spec.ts';
import { loadLogger } from '../load-logger.ts';
import { reportStart } from '../report-start.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { readTableNames } from '../table-names.ts';
import { type OpenDatabase, withDatabase } from '../wire.ts';

/**
 * Makes a backup of the whole database or of some tables; with `--list` prints those of the audit log.
 * @throws RunError `SLIPWAY_BACKUP_FAILED`, ConfigError `SLIPWAY_PG_DUMP_MISSING`
 */
export async function backupCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { tables, out } = options;
  if (options['all'] === true && tables !== undefined) {
    throw usage('--all and --tables exclude each other');
  }
  if (options['list'] === true) {
    await withDatabase(run, (opened) => list(run, opened, options['json'] === true));
    return;
  }
  const target = targetOf(run, typeof out === 'string' ? out : undefined);
  const scope = typeof tables === 'string' ? scopeOf(tables) : undefined;
  loadLogger(run);
  await withDatabase(run, async (opened) => {
    reportStart(run, 'backup', opened);
    if (scope !== undefined) await refuseUnknown(opened, scope);
    const backup = await openBackups(run, { opened, target }).make({ scope, revisions: [] });
    if (backup === undefined) {
      throw new RunError('SLIPWAY_BACKUP_FAILED', 'there is no table in what was asked for', {
        hint: 'Name tables; views and foreign tables have no rows of their own.',
      });
    }
    if (opened.summary === undefined) {
      const message = 'not in the audit log: slipway has no history in this database';
      run.reporter.report({ type: 'warning', message });
    } else {
      const detail = backupDetail(backup);
      await opened.migration.applied.audit({ event: 'backup', revision: undefined, detail });
    }
    if (target.kind === 'output') return;
    run.edge.print(
      options['json'] === true ? `${JSON.stringify(backup)}\n` : `${describeBackup(backup)}\n`,
    );
  });
}

function targetOf(run: RunContext, out: string | undefined): BackupTarget {
  if (out === undefined) {
    const settled = settledTarget(run);
    if (settled === undefined) throw noTarget();
    return settled;
  }
  if (out !== '-') return { kind: 'file', path: out };
  if (run.edge.stdoutIsTerminal) {
    throw usage('standard output is a terminal, and a dump is not for reading');
  }
  return { kind: 'output' };
}

function scopeOf(text: string): BackupScope {
  const names = readTableNames(text);
  if (names === undefined || names.length === 0) {
    throw usage(`"${text}" are no names of tables`);
  }
  return {
    relations: names.map((name) => ({
      ...name,
      ...{ target: 'relation' as const, withReferring: false, mayBeRenamed: false },
    })),
    objects: [],
    unknown: [],
  };
}

async function refuseUnknown({ live }: OpenDatabase, { relations }: BackupScope): Promise<void> {
  for (const relation of relations) {
    const found = (await live.relations([relation])) ?? [];
    if (found.length > 0) continue;
    const name = [relation.schema, relation.name].filter((part) => part !== undefined).join('.');
    throw usage(`there is no table "${name}"`);
  }
}

/** More than anybody reads. */
const MOST_LISTED = 1000;

async function list(
  run: RunContext,
  { summary, migration }: OpenDatabase,
  json: boolean,
): Promise<void> {
  const entries =
    summary === undefined ? [] : await migration.applied.recentLog(MOST_LISTED, 'backup');
  const rows = entries.map(listed);
  if (json) {
    run.edge.print(`${JSON.stringify({ backups: rows })}\n`);
    return;
  }
  if (rows.length === 0) {
    run.edge.print('no backup in the audit log\n');
    return;
  }
  run.edge.print(
    `${table(
      ['MADE', 'SIZE', 'OF', 'BEFORE', 'BY', 'WHERE', 'SHA256'],
      rows.map((row) => [
        row.at,
        typeof row.bytes === 'number' ? formatBytes(row.bytes) : '-',
        Array.isArray(row.tables) ? row.tables.join(', ') : 'whole database',
        Array.isArray(row.revisions) ? row.revisions.join(', ') : '-',
        row.pod ?? row.role,
        String(row.path ?? row.name ?? '-'),
        String(row.sha256 ?? '-').slice(0, 12),
      ]),
      { colour: wantsColour(run.edge, run.edge.stdoutIsTerminal) },
    )}\n`,
  );
}

function listed({ at, role, provenance, detail }: LoggedEntry) {
  // The row was written by slipway; whoever changed it since gets to see what he made of it.
  const fields = (typeof detail === 'object' ? detail : {}) as { readonly [key: string]: unknown };
  const { name, path, bytes, sha256, tables, why, durationMs, program, revisions } = fields;
  return {
    ...{ at, role, pod: provenance.pod, release: provenance.release },
    ...{ name, path, bytes, sha256, tables, why, durationMs, program, revisions },
  };
}

function usage(message: string): UsageError {
  return new UsageError('SLIPWAY_USAGE', message, { hint: 'slipway backup --help has examples.' });
}
