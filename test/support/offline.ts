/** Scripts for psql: written in this process, run by the real psql, their outcome held against an online run. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import type { RunOutcome } from '../../src/core/outcome.ts';
import { type PointTarget, parseTarget } from '../../src/core/target.ts';
import { scriptDatabase } from '../../src/postgres/script-database.ts';
import { scriptWriter } from '../../src/postgres/script-writer.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import { onlySql, parseOffline, settleRange } from '../../src/runner/offline.ts';
import type { MigrationDatabase, Release } from '../../src/runner/ports.ts';
import type { RunLimits } from '../../src/runner/run-plan.ts';
import { stamp } from '../../src/runner/stamp.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { openHistory } from './history-database.ts';
import { createDatabase, withClient } from './postgres.ts';
import { recordingReporter } from './recording-reporter.ts';
import { testSurroundings } from './surroundings.ts';

/** The psql to use; undefined where there is none. */
export const psqlProgram: string | undefined = [
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'psql')),
  ...[18, 17, 16, 15, 14].map((major) => `/usr/lib/postgresql/${major}/bin/psql`),
].find((path) => existsSync(path));

/** How a psql run ended. */
export interface PsqlOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A psql that runs a script. */
export interface RunningPsql {
  readonly ended: Promise<PsqlOutcome>;
  stdout(): string;
  kill(): void;
}

/** Starts psql as the header of each script says. */
export function startPsql(
  url: string,
  script: string,
  options: {
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
    /** Feeds the script to standard input instead of naming its file. */
    readonly stdin?: boolean;
  } = {},
): RunningPsql {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-psql-'));
  const file = join(folder, 'script.sql');
  writeFileSync(file, script);
  const child = spawn(
    psqlProgram ?? 'psql',
    [
      '-X',
      '-v',
      'ON_ERROR_STOP=1',
      ...(options.args ?? []),
      '-f',
      options.stdin === true ? '-' : file,
      url,
    ],
    {
      env: { PATH: process.env['PATH'], LC_ALL: 'C', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  // A psql that stops early reads no more of it.
  child.stdin.on('error', () => undefined).end(options.stdin === true ? script : '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<PsqlOutcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      rmSync(folder, { recursive: true, force: true });
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { ended, stdout: () => stdout, kill: () => child.kill('SIGKILL') };
}

/** Runs a script to its end. */
export function psql(
  url: string,
  script: string,
  options?: Parameters<typeof startPsql>[2],
): Promise<PsqlOutcome> {
  return startPsql(url, script, options).ended;
}

/** A command as the command line takes it. */
export interface Command {
  readonly name: 'upgrade' | 'downgrade' | 'stamp';
  /** A target or a range. */
  readonly range: string;
}

/** Settings that both ways of running share. */
export interface Ways {
  readonly schema?: string;
  readonly role?: string;
  readonly searchPath?: string;
  readonly single?: boolean;
  readonly phase?: 'all' | 'expand' | 'contract';
}

const LIMITS: RunLimits = {
  lockTimeoutMs: 3000,
  lockRetries: 0,
  statementTimeoutMs: 0,
  single: false,
};

function perform(
  command: Command['name'],
  db: MigrationDatabase,
  given: {
    readonly release: Release;
    readonly targets: readonly PointTarget[];
    readonly ways: Ways;
  },
): Promise<RunOutcome> {
  const { release, targets, ways } = given;
  const [target = parseTarget('head')] = targets;
  const gate = {
    hazards: DEFAULT_HAZARD_POLICIES,
    hazardBytes: 0,
    approvals: new Set<string>(),
    approvedBy: 'environment' as const,
    allowDataLoss: true,
  };
  const limits = { ...LIMITS, single: ways.single ?? false };
  const surroundings = testSurroundings();
  if (command === 'stamp') {
    const options = { targets, purge: false, lockWaitMs: 0, lockTimeoutMs: 3000 };
    return stamp(db, release, options, surroundings);
  }
  if (command === 'downgrade') {
    return downgrade(db, { target, limits, lockWaitMs: 0, gate, release }, surroundings);
  }
  const { phase = 'all' } = ways;
  return upgrade(
    db,
    release,
    { target, phase, onAhead: 'refuse', limits, lockWaitMs: 0, gate },
    surroundings,
  );
}

/** The script of a command; `database` is asked where the range says so. */
export async function scriptOf(
  release: Release,
  { name, range }: Command,
  ways: Ways = {},
  database?: MigrationDatabase,
): Promise<string> {
  const files = onlySql(release);
  const parsed = parseOffline(name, [range]);
  const { start, targets } = await settleRange(files, parsed, database?.applied);
  const script = scriptWriter();
  const db = scriptDatabase(script, {
    searchPath: ways.searchPath,
    role: ways.role,
    start,
    context: {
      schema: ways.schema ?? 'slipway',
      runId: 'run1',
      provenance: {
        pod: 'web-1',
        namespace: 'shop',
        node: 'n1',
        image: 'shop:1',
        release: 'v1',
        version: '0.0.0',
      },
      reporter: recordingReporter(),
    },
  });
  await perform(name, db, { release: files, targets, ways });
  return script.text();
}

/** Runs a command online, over a connection of its own. */
export async function online(
  url: string,
  release: Release,
  command: Command,
  ways: Ways = {},
): Promise<RunOutcome> {
  const { schema, role, searchPath } = ways;
  const history = await openHistory(url, {
    ...(schema === undefined ? {} : { schema }),
    ...(role === undefined ? {} : { role }),
    ...(searchPath === undefined ? {} : { searchPath }),
  });
  try {
    const end = command.range.slice(command.range.indexOf(':') + 1) || 'head';
    const targets = [parseTarget(end)];
    return await perform(command.name, history.db, { release, targets, ways });
  } finally {
    await history.close();
  }
}

const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** Everything in the catalog that revisions make, by name instead of by number. */
const CATALOG: readonly string[] = [
  `select 'schema', n.nspname, pg_get_userbyid(n.nspowner), n.nspacl::text,
     obj_description(n.oid, 'pg_namespace') from pg_namespace n where ${OURS}`,
  `select 'relation', c.oid::regclass::text, c.relkind, c.relpersistence, c.reloptions::text,
     pg_get_userbyid(c.relowner), c.relacl::text, c.relrowsecurity,
     case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
     obj_description(c.oid, 'pg_class')
   from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  `select 'column', c.oid::regclass::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
     a.attnotnull, a.attidentity, a.attgenerated, a.attisdropped,
     pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
   from pg_attribute a join pg_class c on c.oid = a.attrelid
   join pg_namespace n on n.oid = c.relnamespace
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where a.attnum > 0 and ${OURS}`,
  `select 'constraint', c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid),
     c.convalidated
   from pg_constraint c join pg_namespace n on n.oid = c.connamespace where ${OURS}`,
  `select 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid
   from pg_index i join pg_class c on c.oid = i.indexrelid
   join pg_namespace n on n.oid = c.relnamespace where ${OURS}`,
  `select 'function', p.oid::regprocedure::text, p.prosrc, pg_get_functiondef(p.oid)
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where p.prokind in ('f', 'p') and ${OURS}`,
  `select 'trigger', t.tgrelid::regclass::text, pg_get_triggerdef(t.oid)
   from pg_trigger t where not t.tgisinternal`,
  `select 'rule', schemaname, tablename, definition from pg_rules
   where schemaname !~ '^pg_' and schemaname <> 'information_schema'`,
  `select 'enum', t.oid::regtype::text, array_agg(e.enumlabel order by e.enumsortorder)::text
   from pg_enum e join pg_type t on t.oid = e.enumtypid group by t.oid`,
];

/** Columns of the history tables that no two runs have alike. */
const VOLATILE = ['applied_at', 'duration_ms', 'at', 'run_id', 'started_at', 'updated_at'];

/** All that two databases may be compared by: catalog, rows of all tables, history. */
export function contentOf(url: string, schema = 'slipway'): Promise<unknown> {
  return withClient(url, async (client) => {
    const content: Record<string, unknown> = {};
    for (const query of CATALOG) {
      const { rows } = await client.query({ text: query, rowMode: 'array' });
      content[String(rows[0]?.[0] ?? query.slice(0, 20))] = rows
        .map((row) => JSON.stringify(row))
        .sort();
    }
    const { rows: tables } = await client.query<{ name: string; mine: boolean }>(
      `select c.oid::regclass::text as name, n.nspname = $1 as mine
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'S', 'p') and ${OURS}
       order by 1`,
      [schema],
    );
    for (const { name, mine } of tables) {
      const { rows } = await client.query<{ row: Record<string, unknown> }>(
        `select to_jsonb(t) as row from (select * from ${name}) t`,
      );
      content[`rows of ${name}`] = rows
        .map(({ row }) => {
          if (mine) for (const column of VOLATILE) delete row[column];
          if ('finished_at' in row && mine) row['finished_at'] = row['finished_at'] !== null;
          // How far a sequence looks ahead in the log says nothing about its values.
          delete row['log_cnt'];
          return JSON.stringify(row);
        })
        .sort();
    }
    return content;
  });
}

/** The content of a database that was only ever upgraded online. */
export async function migratedOnline(release: Release): Promise<unknown> {
  await using database = await createDatabase();
  await online(database.url, release, { name: 'upgrade', range: 'heads' });
  return await contentOf(database.url);
}
