/** Fleets for tests: databases and schemas of one's own, and lists of them. */

import { afterAll } from 'vitest';
import type { LogLine, Outcome } from './cli.ts';
import { createDatabase, query, type TestDatabase } from './postgres.ts';
import { createPlace, type Place, type RevisionSpec } from './projects.ts';

/** A place, and a list of targets in its file `targets`. */
export interface Fleet extends Place {
  readonly names: readonly string[];
  /** The URL of a target's database. */
  urlOf(name: string): string;
  /** The exact names of the targets whose history has these heads. */
  at(heads: readonly string[]): Promise<readonly string[]>;
}

/** A revision that leaves a row behind each time it runs, and fails in targets that have `poison`. */
export const COUNTED: readonly RevisionSpec[] = [
  { id: 'r1', up: `create table ran (revision text);\ninsert into ran values ('r1');` },
  { id: 'r2', up: `insert into ran values ('r2');\nalter table ran add column two integer;` },
];

const leftovers: TestDatabase[] = [];

/** `count` databases named `db-1`, `db-2`, … and a list of them as lines. */
export async function fleetOfDatabases(
  count: number,
  revisions: readonly RevisionSpec[] = COUNTED,
): Promise<Fleet> {
  const place = await createPlace(...revisions);
  const databases = new Map<string, TestDatabase>();
  for (let i = 1; i <= count; i++) {
    const database = await createDatabase();
    leftovers.push(database);
    databases.set(`db-${i}`, database);
  }
  const names = [...databases.keys()];
  const urlOf = (name: string): string => databases.get(name)?.url ?? '';
  await place.project.write('targets', names.map((name) => `${name} ${urlOf(name)}\n`).join(''));
  return {
    ...place,
    names,
    urlOf,
    at: (heads) => namesAt(names, heads, (name) => headsOf(urlOf(name), 'slipway')),
  };
}

/** `count` schemas `t1`, `t2`, … of one database, and a list of them as objects. */
export async function fleetOfSchemas(
  count: number,
  revisions: readonly RevisionSpec[] = COUNTED,
): Promise<Fleet> {
  const place = await createPlace(...revisions);
  const names = Array.from({ length: count }, (_, i) => `t${i + 1}`);
  await place.query(names.map((name) => `create schema ${name};`).join('\n'));
  await place.project.write(
    'targets',
    names.map((name) => `${JSON.stringify({ name, schema: name })}\n`).join(''),
  );
  return {
    ...place,
    names,
    urlOf: () => place.url,
    at: (heads) => namesAt(names, heads, (name) => headsOf(place.url, `slipway_${name}`)),
  };
}

async function namesAt(
  names: readonly string[],
  heads: readonly string[],
  ask: (name: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    if ((await ask(name)).join() === heads.join()) found.push(name);
  }
  return found;
}

/** The heads in the history of a schema; none where there is no history. */
export async function headsOf(url: string, historySchema: string): Promise<readonly string[]> {
  const [found] = await query(url, 'select to_regclass($1) is not null as it', [
    `${historySchema}.summary`,
  ]);
  if (found?.['it'] !== true) return [];
  const [row] = await query<{ heads: string[] }>(url, `select heads from ${historySchema}.summary`);
  return row?.heads ?? [];
}

/** The lines of the log about a target. */
export function linesOf(outcome: Pick<Outcome, 'log'>, target: string): readonly LogLine[] {
  return outcome.log.filter((line) => line['target'] === target);
}

/** The one `fleet.finished` line, which is the last of the log. */
export function endOf(outcome: Outcome): LogLine {
  const last = outcome.log.at(-1);
  if (last?.event !== 'fleet.finished') throw new Error(`no end of a fleet in:\n${outcome.stderr}`);
  return last;
}

afterAll(async () => {
  for (const { drop } of leftovers.splice(0)) await drop();
});
