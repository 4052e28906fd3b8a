/**
 * The main job as a story: a real Postgres, the sample revisions, a failing revision and its
 * diagnosis, and the way back.
 */

import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { startEmbeddedPostgres } from '../src/embedded/server.ts';

/** Settings of whoever runs this are theirs: the story has its own database. */
const ownEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_|PG|DATABASE_URL|KUBERNETES_)/.test(name),
  ),
);
const program = resolve('dist/slipway.cjs');
const colour = process.stdout.isTTY === true;
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  colour ? styleText(style, text, { validateStream: false }) : text;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const BROKEN_REVISION = `-- slipway:revision e0b4d7c29f13
-- slipway:revises f2d86b13a07c
-- slipway:phase expand
-- Give every customer a nickname

-- slipway:up
alter table customers add column nickname text;

update customers
set nickname = split_part(emial, '@', 1);

-- slipway:down
alter table customers drop column nickname;
`;

await run(['node', 'scripts/build.ts'], { quiet: true });
chapter('A real Postgres, from npm, on this machine only');
const server = await startEmbeddedPostgres();
const folder = await mkdtemp(join(tmpdir(), 'slipway-quickstart-'));
const migrations = join(folder, 'migrations');
try {
  await cp('migrations', migrations, { recursive: true });
  say(`Postgres ${server.version} listens on ${server.host}:${server.port}.`);

  chapter('What is pending?');
  await slipway('status');
  await slipway('upgrade --dry-run');

  chapter('Apply it: the lock, each revision with its time, the resulting state');
  await slipway('upgrade');
  await slipway('history');

  chapter('A pod restarts: one connection, one query, nothing to do');
  await slipway('upgrade');

  chapter('A bad revision: what is wrong, where, and what became of the database');
  const broken = join(migrations, '20260301120000_add_nickname.sql');
  await writeFile(broken, BROKEN_REVISION);
  await slipway('upgrade', { exitCode: 12, terminationLog: true });
  say('');
  say(paint('dim', 'kubectl describe pod would show the same as the termination message:'));
  say(indent(await readFile(join(folder, 'termination-log'), 'utf8')));
  await slipway('current');

  chapter('The correction');
  await writeFile(broken, BROKEN_REVISION.replace('emial', 'email'));
  await slipway('upgrade');

  chapter('The way back, with the SQL that the database keeps: the file is gone');
  await rm(broken);
  await slipway('downgrade f2d86b13a07c --allow-data-loss');
  await slipway('status');
  say('');
  say(paint('green', 'That is the main job. Next: README.md, or npx slipway --help.'));
} finally {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

function chapter(title: string): void {
  say(`\n${paint(['bold', 'cyan'], `── ${title}`)}`);
}

/** Runs the built program as a person would; a surprising exit code ends the story. */
async function slipway(
  line: string,
  options: { exitCode?: number; terminationLog?: boolean } = {},
): Promise<void> {
  say(`\n${paint('bold', `$ slipway ${line}`)}`);
  const log = options.terminationLog === true ? join(folder, 'termination-log') : undefined;
  const code = await run([process.execPath, program, ...line.split(' ')], {
    cwd: folder,
    env: {
      DATABASE_URL: server.url,
      SLIPWAY_LOG_FORMAT: 'pretty',
      ...(log === undefined ? {} : { SLIPWAY_TERMINATION_LOG: log }),
      ...(colour ? { FORCE_COLOR: '1' } : {}),
    },
  });
  if (code !== (options.exitCode ?? 0)) throw new Error(`slipway ${line} ended with ${code}`);
  if (code !== 0) say(paint('dim', `(exit code ${code})`));
}

function run(
  [command = '', ...args]: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; quiet?: boolean } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      // Both streams to one: a person reads story and answer together.
      stdio: ['ignore', options.quiet === true ? 'ignore' : 'inherit', 'inherit'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...ownEnvironment, ...options.env },
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
