/** Judges how a case ended: every run's exit, and the database against the run without faults. */

import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ERROR_CODES } from '../../src/core/errors.ts';
import {
  type Arena,
  contentDifferences,
  type PreparedSet,
  type Reference,
  readAll,
} from './arena.ts';
import { differences } from './catalog.ts';
import type { Act } from './faults.ts';
import { contradictions, type History, timesLogged } from './history.ts';
import type { Run } from './process.ts';

const TRANSIENT: ReadonlySet<number> = new Set(
  Object.values(ERROR_CODES).flatMap(({ exit, transient }) => (transient ? [exit] : [])),
);

/** Exit code of a state that a person has to settle. */
export const NEEDS_A_PERSON = 30;

/** SIGTERM is answered within 2 s; the rest is for a machine on which much else is going on. */
const STOP_LIMIT_MS = 6000;

/** What was done to a run. */
export interface Done {
  readonly act: Act;
  /** Done before the program had reached the database, and so perhaps before it listens for signals. */
  readonly early: boolean;
  /** What an earlier fault left going on may have hit it as well. */
  readonly disturbed: boolean;
}

/** Exit codes after faults of which it is clear what they come to. */
const EXITS: Partial<Record<Act, readonly number[]>> = {
  none: [0],
  delay: [0],
  sigterm: [0, 24],
  terminate: [0, 20],
};

/** What is wrong with how a run ended, given what was done to it. */
export function exitFaults(run: Run, { act, early, disturbed }: Done): readonly string[] {
  const how = run.signal ?? `exit ${run.exitCode}`;
  const named = `${run.args.join(' ')}: ${how}`;
  if (run.hung) return [`${named}: it did not end`];
  if (run.signal !== null) {
    const isKilled = run.signal === 'SIGKILL' && (act === 'kill' || act === 'swallow');
    // Before it listens, and after it has said that it is done: Node takes its handlers away before
    // the process is gone.
    const isDeaf = run.signal === 'SIGTERM' && isTold(act) && (early || saysItIsDone(run));
    return isKilled || isDeaf ? [] : [named];
  }
  const { exitCode } = run;
  const allowed = disturbed ? undefined : EXITS[act];
  if (exitCode === null || !(allowed?.includes(exitCode) ?? mayPass(exitCode))) {
    return [`${named} after ${act}`];
  }
  const failures = run.stderr.split('\n').filter((line) => line.includes('"event":"run.failed"'));
  const expected = exitCode === 0 ? 0 : 1;
  return [
    ...(failures.length === expected ? [] : [`${named}, and ${failures.length} times run.failed`]),
    ...(isTold(act) && (run.stoppedInMs ?? 0) > STOP_LIMIT_MS
      ? [`${named}: ${Math.round(run.stoppedInMs ?? 0)} ms after SIGTERM`]
      : []),
  ];
}

function saysItIsDone({ stderr }: Run): boolean {
  return stderr.includes('"event":"run.finished"');
}

/** Whether the run gets a SIGTERM; one that is swallowed may get it in the end. */
function isTold(act: Act): boolean {
  return act === 'sigterm' || act === 'swallow';
}

/** Done, or the next try may succeed. */
function mayPass(exitCode: number): boolean {
  return exitCode === 0 || TRANSIENT.has(exitCode);
}

/** What is wrong with the database where runs have come to rest. */
export async function databaseFaults(
  arena: Arena,
  database: string,
  prepared: PreparedSet,
  expected: { readonly reference: Reference; readonly turned: boolean },
): Promise<readonly string[]> {
  const { reference, turned } = expected;
  return arena.on(database, async (client) => {
    const leftBehind: string[] = [];
    const sessions = `
      select format('session %s %s: %s', pid, state, left(query, 200)) as line
      from pg_stat_activity
      where datname = current_database() and application_name like 'slipway%'
      union all
      select format('lock %s %s %s', locktype, mode, coalesce(relation::regclass::text, objid::text))
      from pg_locks
      where (locktype = 'advisory' or locktype = 'relation')
        and database = (select oid from pg_database where datname = current_database())
        and pid <> pg_backend_pid()`;
    for (let patience = 100; ; patience--) {
      const { rows } = await client.query<{ line: string }>(sessions);
      if (rows.length === 0) break;
      if (patience === 0) {
        leftBehind.push(...rows.map(({ line }) => `left behind: ${line}`));
        break;
      }
      await setTimeout(50);
    }
    const found = await readAll(client);
    const { content, history } = found;
    const withoutTally = (rows: readonly string[]) =>
      turned ? rows.filter((row) => !row.startsWith('tally ')) : rows;
    return [
      ...leftBehind,
      ...contentDifferences(
        { ...reference.content, rows: withoutTally(reference.content.rows) },
        { ...content, rows: withoutTally(content.rows) },
      ),
      ...contradictions(history),
      ...historyDifferences(
        withoutJournal(reference.history, turned),
        withoutJournal(history, turned),
      ),
      ...miscounted(prepared, content.rows, history),
    ];
  });
}

/** Where the version table, the summary row or the journal is not the one without faults. */
function historyDifferences(expected: History, found: History): readonly string[] {
  // A history that was never begun and one that was taken back to its base say the same.
  if (found.summary === undefined && expected.revisions.length === 0) return [];
  const lines = ({ revisions, journal, summary }: History): readonly string[] => [
    ...revisions.flatMap(({ id, content }) =>
      Object.entries(content).map(([key, value]) => `version table: ${id} ${key} ${inJson(value)}`),
    ),
    // Where a direction was turned is noted in front of its statements.
    ...journal
      .filter(({ ordinal }) => ordinal >= 0)
      .map(
        ({ revision, direction, ordinal, digest }) =>
          `journal: ${revision} ${direction} ${ordinal} ${digest}`,
      ),
    `summary: ${inJson(summary)}`,
  ];
  return differences(lines(expected), lines(found));
}

/** A revision that was turned before anything had changed is applied again, without a journal. */
function withoutJournal(history: History, turned: boolean): History {
  return turned ? { ...history, journal: [] } : history;
}

function inJson(value: unknown): string {
  return JSON.stringify(value);
}

/** Revisions in a transaction that ran more or less often than the audit log says. */
function miscounted(
  { set }: PreparedSet,
  rows: readonly string[],
  history: History,
): readonly string[] {
  const ran = (id: string, direction: string) =>
    rows.filter((row) => {
      if (!row.startsWith('tally ')) return false;
      const tally: unknown = JSON.parse(row.slice('tally '.length));
      return isDeepStrictEqual(tally, { revision: id, direction });
    }).length;
  return set.revisions
    .filter(({ transaction }) => transaction === 'one')
    .flatMap(({ id }) =>
      (['up', 'down'] as const).flatMap((direction) => {
        const times = ran(id, direction);
        const logged = timesLogged(history, id, direction === 'up' ? 'upgrade' : 'downgrade');
        return times === logged ? [] : [`${id} ${direction} ran ${times} times, logged ${logged}`];
      }),
    );
}
