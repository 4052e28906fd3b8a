/** Where cases take place: a server of their own, databases cloned in it, and sets run there without faults. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/server.ts';
import { type MessageProxy, startMessageProxy } from '../support/message-proxy.ts';
import { type Content, differences, readContent } from './catalog.ts';
import { contradictions, type History, readHistory } from './history.ts';
import { type Run, startRun } from './process.ts';
import { type RevisionSet, TALLY } from './revision-set.ts';
import { runPlainly } from './run-plainly.ts';

/** A server and the program that works on it. */
export interface Arena {
  readonly server: EmbeddedPostgres;
  readonly program: string;
  /** A new database, a clone of another one. */
  clone(template: string): Promise<string>;
  drop(database: string): Promise<void>;
  /** Runs a function over a new connection to a database. */
  on<T>(database: string, use: (client: Client) => Promise<T>): Promise<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The database that has nothing but the tally. */
export const EMPTY_DATABASE = 'chaos_empty';

/** Longer than every wait that a run is allowed. */
const RUN_LIMIT_MS = 100_000;

/** Starts a server. */
export async function openArena(program: string): Promise<Arena> {
  const server = await startEmbeddedPostgres({
    binDir: process.env['SLIPWAY_TEST_POSTGRES_BIN'] || undefined,
    // A process that is killed leaves its writes to the system, so that not even a crash needs fsync.
    config: { autovacuum: 'off', log_min_messages: 'warning', max_connections: '100' },
  });
  let databases = 0;
  const on: Arena['on'] = async (database, use) => {
    const client = new Client({ connectionString: urlOf(server, server.port, database) });
    // A server that goes away is part of the plan: the query under way fails and says so.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await use(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const run = (sql: string) => on('postgres', (client) => client.query(sql));
  await run(`create database ${EMPTY_DATABASE}`);
  await on(EMPTY_DATABASE, (client) => client.query(TALLY));
  return {
    server,
    program,
    on,
    async clone(template) {
      const name = `chaos_${databases++}`;
      // Copied page by page, a sequence that was used may fall back after a crash: its reserve was
      // logged in the other database. https://www.postgresql.org/docs/18/sql-createdatabase.html
      const strategy = template === EMPTY_DATABASE ? 'wal_log' : 'file_copy';
      await run(`create database ${name} template ${template} strategy ${strategy}`);
      return name;
    },
    async drop(database) {
      await run(`drop database if exists ${database} with (force)`);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What a database must look like in the end. */
export interface Reference {
  readonly database: string;
  readonly content: Content;
  readonly history: History;
  /** How many protocol messages the way to it took. */
  readonly messages: number;
}

/** A set written to disk and run without faults. */
export interface PreparedSet {
  readonly set: RevisionSet;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly upgraded: Reference;
  readonly downgraded: Reference;
  readonly downTarget: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The run without faults already goes wrong: there is nothing to compare with. */
export class FaultlessRunFailed extends Error {}

/** Writes the set, runs it plainly and with slipway, and compares the two. */
export async function prepareSet(arena: Arena, set: RevisionSet): Promise<PreparedSet> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-chaos-set-'));
  const databases: string[] = [];
  const dispose = async () => {
    for (const database of databases) await arena.drop(database);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(join(folder, 'migrations'));
    for (const [name, text] of set.files) await writeFile(join(folder, 'migrations', name), text);
    const environment: Record<string, string> = { SLIPWAY_LOG_FORMAT: 'json' };
    if (set.bundled) {
      environment['SLIPWAY_BUNDLE'] = join(folder, 'release.bundle');
      await mustRun(arena, folder, ['build', '--out', 'release.bundle'], {});
    }
    const reach = async (from: string, args: readonly string[]): Promise<Reference> => {
      const database = await arena.clone(from);
      databases.push(database);
      const proxy = await startMessageProxy(arena.server);
      try {
        const env = { ...environment, DATABASE_URL: proxiedUrl(arena, proxy, database) };
        await mustRun(arena, folder, args, env);
        return { ...(await arena.on(database, readAll)), database, messages: proxy.messages };
      } finally {
        await proxy.stop();
      }
    };
    const rooted = set.revisions.every(({ revises }, i) => i === 0 || revises.length > 0);
    const downTarget = rooted ? 'r0' : 'base';
    const upgraded = await reach(EMPTY_DATABASE, ['upgrade', 'heads']);
    const downgraded = await reach(upgraded.database, downgradeTo(downTarget));
    for (const { history } of [upgraded, downgraded]) refuse(contradictions(history));

    const plainly = await arena.clone(EMPTY_DATABASE);
    databases.push(plainly);
    await arena.on(plainly, async (client) => {
      await runPlainly(client, set.revisions, 'up');
      refuse(contentDifferences(await readContent(client), upgraded.content));
      const kept = downTarget === 'base' ? 0 : 1;
      await runPlainly(client, set.revisions.slice(kept).toReversed(), 'down');
      refuse(contentDifferences(await readContent(client), downgraded.content));
    });
    return {
      ...{ set, folder, environment, upgraded, downgraded, downTarget },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The arguments of a downgrade that loses what it has to. */
export function downgradeTo(target: string): readonly string[] {
  return ['downgrade', target, '--allow-data-loss'];
}

/** Everything in the database. */
export async function readAll(client: Client): Promise<{ content: Content; history: History }> {
  return { content: await readContent(client), history: await readHistory(client) };
}

/** What differs between two contents; the history schema is slipway's own affair. */
export function contentDifferences(expected: Content, found: Content): readonly string[] {
  const own = (lines: readonly string[]) => lines.filter((line) => !/\bslipway\b/.test(line));
  return [
    ...differences(own(expected.objects), own(found.objects)),
    ...differences(expected.rows, found.rows),
  ];
}

/** The connection string that leads through a proxy. */
export function proxiedUrl(arena: Arena, proxy: MessageProxy, database: string): string {
  return urlOf(arena.server, proxy.port, database);
}

/** The connection string past every proxy. */
export function directUrl(arena: Arena, database: string): string {
  return urlOf(arena.server, arena.server.port, database);
}

function urlOf(server: EmbeddedPostgres, port: number, database: string): string {
  const url = new URL(server.url);
  url.port = String(port);
  url.pathname = `/${database}`;
  return url.href;
}

async function mustRun(
  arena: Arena,
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const options = { program: arena.program, args, cwd, env, limitMs: RUN_LIMIT_MS };
  const run = await startRun(options).ended;
  if (run.exitCode === 0) return run;
  throw new FaultlessRunFailed(
    `slipway ${args.join(' ')} ended with ${run.exitCode}:\n${run.stderr}`,
  );
}

function refuse(found: readonly string[]): void {
  if (found.length > 0) throw new FaultlessRunFailed(found.join('\n'));
}
