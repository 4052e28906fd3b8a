/**
 * How long a runner that is gone keeps the migration lock: killed, or cut off by a network that
 * swallows everything. Prints a line of JSON per case; `unshare --net node bench/holder-gone.ts` has
 * the cuts too, which drop packets in a network namespace of their own.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { startEmbeddedPostgres } from '../src/embedded/server.ts';

const program =
  process.env['SLIPWAY_TEST_PROGRAM'] ?? join(import.meta.dirname, '..', 'dist', 'slipway.cjs');

/** What the holder does when it goes: runs a statement, thinks inside a transaction, or pauses between two tries. */
type Doing = 'statement' | 'in-transaction' | 'between-tries';

const SECOND: Readonly<Record<Doing, string>> = {
  statement: 'select pg_sleep(600);',
  'in-transaction': '',
  'between-tries': 'alter table item add column a int;',
};

const THINKING = `import { defineRevision } from 'slipway';
export default defineRevision({
  revision: 'r2', revises: 'r1', description: 'Second',
  async up(db) {
    await db.query('select 1');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
  async down() {},
});
`;

interface Result {
  readonly doing: Doing;
  readonly gone: 'killed' | 'cut';
  /** From its end to the next runner's lock. */
  readonly freeAfterMs: number;
}

const isolated = networkInterfaces()['lo'] === undefined;
if (isolated) execFileSync('ip', ['link', 'set', 'lo', 'up']);

await using server = await startEmbeddedPostgres();
const scratch = await mkdtemp(join(tmpdir(), 'slipway-gone-'));
try {
  const ways = isolated ? (['killed', 'cut'] as const) : (['killed'] as const);
  const cases = ways.flatMap((gone) =>
    (Object.keys(SECOND) as Doing[]).map((doing) => ({ doing, gone })),
  );
  const results = await Promise.all(cases.map(measure));
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function measure({ doing, gone }: Omit<Result, 'freeAfterMs'>): Promise<Result> {
  const name = `${doing}-${gone}`;
  const database = await createDatabase(name.replaceAll('-', '_'));
  const folder = join(scratch, name);
  await mkdir(join(folder, 'migrations'), { recursive: true });
  await revision(folder, 'r1.sql', '-- slipway:revision r1', 'create table item ();');
  await upgraded(folder, database.url);
  if (doing === 'in-transaction') {
    await writeFile(join(folder, 'migrations', 'r2.ts'), THINKING);
  } else {
    const header = '-- slipway:revision r2\n-- slipway:revises r1';
    await revision(folder, 'r2.sql', header, SECOND[doing]);
  }
  const blocker = doing === 'between-tries' ? await connected(database.url) : undefined;
  await blocker?.query('begin; lock table item');

  const holder = upgrade(folder, database.url, ['--lock-timeout', '50ms', '--lock-retries', '99']);
  const { client_port: port } = await until(() => holderDoing(database, doing));
  if (gone === 'killed') holder.kill('SIGKILL');
  else cutOff(Number(port), server.port);
  const goneAt = performance.now();

  const next = upgrade(folder, database.url, ['--lock-wait', '10min']);
  await logged(next, 'lock.acquired');
  const freeAfterMs = Math.round(performance.now() - goneAt);
  for (const child of [holder, next]) child.kill('SIGKILL');
  await blocker?.end();
  await database.client.end();
  return { doing, gone, freeAfterMs };
}

interface Database {
  readonly url: string;
  readonly client: pg.Client;
}

async function createDatabase(name: string): Promise<Database> {
  const admin = await connected(server.url);
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, client: await connected(url.href) };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function revision(folder: string, name: string, header: string, up: string): Promise<void> {
  const text = `${header}\n-- A revision\n\n-- slipway:up\n${up}\n\n-- slipway:down\nselect 1;\n`;
  await writeFile(join(folder, 'migrations', name), text);
}

function upgrade(folder: string, url: string, flags: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [program, 'upgrade', ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function upgraded(folder: string, url: string): Promise<void> {
  const child = upgrade(folder, url);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
  });
}

/** The holder's session once it is where it is to be; fails before. */
async function holderDoing({ client }: Database, doing: Doing): Promise<Record<string, unknown>> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select a.client_port, a.state
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.objsubid = 1 and a.datname = current_database()
       and case $1
         when 'statement' then a.query ilike '%pg_sleep%' and a.state = 'active'
         when 'in-transaction' then a.state = 'idle in transaction' and a.query = 'select 1'
         -- The pauses grow: one that began just now is long enough.
         else a.state = 'idle' and a.query ilike '%rollback%'
           and a.backend_start < now() - interval '6 s'
           and a.state_change > now() - interval '0.2 s'
       end`,
    [doing],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the holder is not at ${doing}`);
  return row;
}

/** Nothing passes any more between this client and the server, in either direction. */
function cutOff(client: number, port: number): void {
  for (const [from, to] of [
    [client, port],
    [port, client],
  ]) {
    const rule = ['-A', 'INPUT', '-i', 'lo', '-p', 'tcp', '--sport', `${from}`];
    execFileSync('iptables', [...rule, '--dport', `${to}`, '-j', 'DROP']);
  }
}

function logged(child: ChildProcess, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.includes(`"event":"${event}"`)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before ${event}:\n${text}`)));
  });
}

async function until<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
