/** Backups with pg_dump: looks up what is to be saved, dumps it, and tells of it. */

import { access, constants } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  commandDestination,
  type Destination,
  fileDestination,
  isTaken,
  outputDestination,
} from '../backup/destination.ts';
import { type Dump, type Dumped, DumpFailure, dumpInto, fitsArguments } from '../backup/dump.ts';
import { type DumpPrograms, findPrograms } from '../backup/programs.ts';
import type { Backup } from '../core/backup.ts';
import { ConfigError, Interrupted, LockError, RunError } from '../core/errors.ts';
import { backupExtent } from '../postgres/backup-extent.ts';
import { connectOnce } from '../postgres/connect.ts';
import { libpqEnvironment } from '../postgres/libpq-environment.ts';
import { openSession } from '../postgres/session.ts';
import type { BackupRequest, Backups } from '../runner/ports.ts';
import { type BackupTarget, backupName, targetInWords } from './backup-target.ts';
import { environmentOfCommand, environmentOfDump } from './dump-environment.ts';
import { applicationNameOf } from './open-connection.ts';
import type { RunContext } from './run-context.ts';
import type { OpenDatabase } from './wire.ts';

/** Where in the database and to where; `opened` is only asked how it was reached. */
export interface BackupPlace {
  readonly opened: OpenDatabase;
  readonly target: BackupTarget;
}

/** Backups of the database that is open. */
export function openBackups(run: RunContext, place: BackupPlace): Backups {
  let programs: DumpPrograms | undefined;
  const prepare = async (): Promise<DumpPrograms> => {
    programs ??= await preparePrograms(run, place);
    return programs;
  };
  return {
    async prepare() {
      await prepare();
    },
    async make(request) {
      return makeBackup(run, place, { request, programs: await prepare() });
    },
  };
}

async function preparePrograms(
  run: RunContext,
  { opened, target }: BackupPlace,
): Promise<DumpPrograms> {
  if (opened.session.pooled) {
    throw new ConfigError(
      'SLIPWAY_POOLER_UNSUPPORTED',
      'no backup can be made behind a transaction pooler: pg_dump would leave its settings on sessions of others',
      {
        hint: 'Nothing was run. Give slipway a connection past the pooler with SLIPWAY_DIRECT_URL.',
      },
    );
  }
  if (target.kind === 'folder') await checkFolder(target.path);
  return findPrograms({
    named: run.settings.pgDump,
    path: run.edge.env['PATH'] ?? '',
    serverMajor: opened.migration.live.major,
  });
}

async function checkFolder(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError('SLIPWAY_CONFIG_INVALID', `backups cannot be put into ${path}: ${code}`, {
      hint: 'Nothing was run. Mount a volume there that outlives the pod, or create the folder.',
      details: { setting: 'backupDir' },
      cause: error,
    });
  }
}

interface Making {
  readonly request: BackupRequest;
  readonly programs: DumpPrograms;
}

interface Extent {
  /** Undefined: the whole database. */
  readonly relations: readonly (Dumped & { readonly isSequence: boolean })[] | undefined;
  readonly why: string | undefined;
}

async function makeBackup(
  run: RunContext,
  place: BackupPlace,
  { request, programs }: Making,
): Promise<Backup | undefined> {
  const { reporter, now } = run.surroundings;
  const start = now();
  const { relations, why } = await extentOf(run, place, request);
  if (relations?.length === 0) return undefined;
  const tables = relations?.flatMap(({ isSequence, schema, name }) =>
    isSequence ? [] : [`${schema}.${name}`],
  );
  const { database } = place.opened.connection;
  const [first] = request.revisions;
  const file = place.target.kind === 'file' ? basename(place.target.path) : undefined;
  // Targets of a fleet may be schemas of one database, and their backups begin in one second.
  const of = run.target === undefined ? database : `${database}-${run.target.name}`;
  const tag = Math.floor(run.surroundings.random() * 16 ** 6)
    .toString(16)
    .padStart(6, '0');
  const name = file ?? backupName({ database: of, at: start, revision: first, tag });
  const { revisions } = request;
  const to = targetInWords(place.target);
  reporter.report({ type: 'backup.started', tables, why, name, to, revisions });
  const path = pathOf(place.target, name);
  const dump = await dumpPatiently(run, place, { programs, relations, name, path, revisions });
  const backup: Backup = {
    ...{ name, path, ...dump, tables, why },
    durationMs: now() - start,
    program: programs.title,
  };
  reporter.report({ type: 'backup.finished', ...backup });
  return backup;
}

function pathOf(target: BackupTarget, name: string): string | undefined {
  if (target.kind === 'file') return resolve(target.path);
  return target.kind === 'folder' ? resolve(target.path, name) : undefined;
}

/** Looks over a connection of its own: that of the run may be busy, or lost and replaced. */
async function extentOf(
  run: RunContext,
  { opened }: BackupPlace,
  { scope }: BackupRequest,
): Promise<Extent> {
  if (scope === undefined) return { relations: undefined, why: undefined };
  const { signal } = run.edge;
  const client = await connectOnce(opened.connection, {
    applicationName: applicationNameOf(run),
    signal,
    limitMs: run.settings.connectTimeout,
  });
  const session = openSession(client, { role: run.settings.role, signal });
  try {
    const extent = await backupExtent(session, run.settings.searchPath, scope);
    if (extent.kind === 'database') return { relations: undefined, why: extent.why };
    return fitsArguments(extent.relations)
      ? { relations: extent.relations, why: undefined }
      : { relations: undefined, why: 'there are too many tables to name' };
  } finally {
    await session.close().catch(() => undefined);
  }
}

interface Dumping {
  readonly programs: DumpPrograms;
  readonly relations: Extent['relations'];
  readonly name: string;
  readonly path: string | undefined;
  readonly revisions: BackupRequest['revisions'];
}

/** Again and again while somebody has locked a table. */
async function dumpPatiently(run: RunContext, place: BackupPlace, dumping: Dumping): Promise<Dump> {
  const { reporter, random, sleep } = run.surroundings;
  const { lockRetries } = run.settings;
  for (let attempt = 0; ; attempt++) {
    try {
      return await dumpOnce(run, place, dumping);
    } catch (error) {
      if (!(error instanceof DumpFailure)) throw error;
      if (error.kind !== 'locked' || attempt >= lockRetries) throw toError(run, error);
      reporter.report({
        type: 'warning',
        message: `the backup waits for a table that somebody has locked: ${error.message}; trying again (${attempt + 1} of ${lockRetries})`,
      });
      await sleep(Math.round(Math.min(500 * 2 ** attempt, 15_000) * (0.5 + random() / 2)));
    }
  }
}

async function dumpOnce(
  run: RunContext,
  { opened, target }: BackupPlace,
  { programs, relations, name, path, revisions }: Dumping,
): Promise<Dump> {
  const { settings, edge, surroundings } = run;
  const { env } = edge;
  const start = surroundings.now();
  const connection = await libpqEnvironment(opened.connection, {
    applicationName: applicationNameOf(run),
  });
  const destination = await openDestination(target, path, {
    ...environmentOfCommand(env),
    SLIPWAY_BACKUP_NAME: name,
    SLIPWAY_BACKUP_DATABASE: opened.connection.database,
    SLIPWAY_BACKUP_REVISIONS: revisions.join(' '),
  });
  return dumpInto(destination, {
    programs,
    relations,
    env: { ...environmentOfDump(env), ...connection, LC_ALL: 'C' },
    role: settings.role,
    lockTimeoutMs: settings.lockTimeout,
    signal: edge.signal,
    onProgress: (bytes) => {
      const elapsedMs = surroundings.now() - start;
      const bytesPerSecond = Math.round((bytes * 1000) / Math.max(1, elapsedMs));
      surroundings.reporter.report({
        ...{ type: 'backup.progress', name, bytes, bytesPerSecond, elapsedMs },
      });
    },
  });
}

async function openDestination(
  target: BackupTarget,
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Destination> {
  if (target.kind === 'command') return commandDestination(target.command, env);
  if (path === undefined) return outputDestination();
  if (await isTaken(path)) {
    throw new ConfigError('SLIPWAY_FILE_EXISTS', `${path} is there already`, {
      hint: 'A backup never overwrites anything: name another file.',
    });
  }
  return fileDestination(path).catch((error: NodeJS.ErrnoException) => {
    throw new DumpFailure('failed', `cannot write ${path}: ${error.code ?? error.message}`, error);
  });
}

function toError(run: RunContext, failure: DumpFailure): Error {
  switch (failure.kind) {
    case 'stopped':
      return new Interrupted(
        'SLIPWAY_INTERRUPTED',
        `stopped by ${String(run.edge.signal.reason)} while making a backup`,
        { hint: 'Nothing of it is kept, and nothing that loses data was run.', cause: failure },
      );
    case 'locked':
      return new LockError(
        'SLIPWAY_OBJECT_LOCK_TIMEOUT',
        `a backup did not get its lock on a table in time: ${failure.message}`,
        {
          hint: 'Nothing that loses data was run. slipway plan shows who holds locks; allow more with SLIPWAY_LOCK_RETRIES and SLIPWAY_LOCK_TIMEOUT.',
          cause: failure,
        },
      );
    default:
      return new RunError('SLIPWAY_BACKUP_FAILED', `no backup was made: ${failure.message}`, {
        hint: 'Nothing that loses data was run. Mend the cause and run slipway again; --backup=off goes on without a backup.',
        cause: failure,
      });
  }
}
