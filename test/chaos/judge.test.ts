/** The judge itself: a runner that does its work badly is caught, whatever it did. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Arena, openArena, type PreparedSet, prepareSet } from './arena.ts';
import { runCase } from './case.ts';
import type { CasePlan } from './faults.ts';
import { chaosProgram } from './process.ts';
import { type RevisionSet, revisionSet } from './revision-set.ts';

const SEED = 4;

let arena: Arena;
let set: RevisionSet;
let prepared: PreparedSet;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-chaos-judge-'));
  arena = await openArena(chaosProgram());
  const numbers = Array.from({ length: 500 }, (_, number) => revisionSet(SEED, number));
  const found = numbers.find(
    ({ revisions, transactional, bundled }) => revisions.length > 3 && transactional && bundled,
  );
  if (found === undefined) throw new Error('no such set');
  set = found;
  prepared = await prepareSet(arena, set);
}, 120_000);
afterAll(async () => {
  await prepared[Symbol.asyncDispose]();
  await arena[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The connection breaks in the middle of the run. */
function plan(): CasePlan {
  return {
    seed: SEED,
    number: 0,
    replay: '',
    operation: 'upgrade',
    runners: 1,
    faults: [{ act: 'reset', at: { fraction: 0.5 }, passOnFirst: true, holdMs: 0, waitMs: 0 }],
  };
}

/** A runner that does what slipway does, and on a database with a history this as well. */
async function brokenRunner(what: {
  readonly instead?: readonly string[];
  readonly also?: string;
  readonly exitCode?: number;
}): Promise<string> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.cjs`);
  const pg = createRequire(import.meta.url).resolve('pg');
  await writeFile(
    path,
    `const { spawn } = require('node:child_process');
const { Client } = require(${JSON.stringify(pg)});
const what = ${JSON.stringify(what)};
(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  client.on('error', () => undefined);
  await client.connect();
  const history = await client.query("select to_regclass('slipway.revision') is not null as is");
  const again = history.rows[0].is;
  const args = again && what.instead ? what.instead : process.argv.slice(2);
  const child = spawn(process.execPath, [${JSON.stringify(chaosProgram())}, ...args], { stdio: 'inherit' });
  child.on('close', async (code) => {
    if (again && what.also) await client.query(what.also);
    await client.end().catch(() => undefined);
    process.exit(again && what.exitCode !== undefined ? what.exitCode : code ?? 24);
  });
})();
`,
  );
  return path;
}

async function complaintsAbout(program: string): Promise<string> {
  const { complaints } = await runCase({ ...arena, program }, prepared, plan());
  return complaints.join('\n');
}

it('has nothing to complain about a runner that works', async () => {
  expect(await complaintsAbout(chaosProgram())).toBe('');
  expect(await complaintsAbout(await brokenRunner({}))).toBe('');
});

it.each([
  ['records revisions without running them', { instead: ['stamp', 'heads'] }, /^- column/m],
  ['runs a revision twice', { also: "insert into tally values ('r1', 'up')" }, /r1 up ran 2 times/],
  ['loses what a revision did', { also: "delete from tally where revision = 'r0'" }, /^- tally/m],
  ['changes a row once too often', { also: 'update t_0 set n = n + 1 where id = 1' }, /^\+ t_0/m],
  [
    'leaves a revision by halves',
    { also: "update slipway.revision set state = 'partial' where id = 'r1'" },
    /r1 is partial/,
  ],
  [
    'forgets to record a revision',
    { also: "delete from slipway.revision where id = 'r1'" },
    /digest is not that/,
  ],
  [
    'tells twice that it applied',
    {
      also: "insert into slipway.log (event, revision, run_id, version, detail) select event, revision, run_id, version, detail from slipway.log where event = 'upgrade' limit 1",
    },
    /applied twice/,
  ],
  [
    'leaves out of the log that it applied',
    { also: "delete from slipway.log where event = 'upgrade' and revision = 'r1'" },
    /log: nothing about r1/,
  ],
  [
    'leaves a journal entry open',
    {
      also: "insert into slipway.statement (revision, direction, ordinal, digest, state) values ('r1', 'upgrade', 0, 'd', 'started')",
    },
    /journal r1 upgrade 0: started/,
  ],
  [
    'writes a wrong compatibility floor',
    { also: "update slipway.summary set floor = 'r99'" },
    /^- summary/m,
  ],
  [
    'leaves an invalid index behind',
    {
      also: "create index left_ccnew on t_0 (n); update pg_index set indisvalid = false where indexrelid = 'left_ccnew'::regclass",
    },
    /left_ccnew.*valid f/,
  ],
  [
    'adds a column of its own',
    { also: 'alter table t_0 add column other int' },
    /^\+ column public\.t_0\.other/m,
  ],
  ['ends with a permanent error', { exitCode: 12 }, /exit 12/],
  ['asks for a person without need', { exitCode: 30 }, /exit 30/],
  ['never comes to an end', { exitCode: 24 }, /exit 24, and 0 times run\.failed/],
])('catches a runner that %s', async (_, what, complaint) => {
  expect(await complaintsAbout(await brokenRunner(what))).toMatch(complaint);
});
