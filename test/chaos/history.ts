/** Reads the history schema and tells what in it does not hold together. */

import type { Client } from 'pg';
import { appliedDigest } from '../../src/core/applied.ts';

/** The history schema of a database; empty where there is none. */
export interface History {
  readonly revisions: readonly RevisionRow[];
  readonly journal: readonly JournalRow[];
  readonly log: readonly LogRow[];
  readonly summary: SummaryRow | undefined;
}

interface RevisionRow {
  readonly id: string;
  readonly state: string;
  readonly checksum: string;
  readonly revises: readonly string[];
  /** Everything in the row that says what was applied. */
  readonly content: Readonly<Record<string, unknown>>;
}

interface JournalRow {
  readonly revision: string;
  readonly direction: string;
  readonly ordinal: number;
  readonly digest: string;
  readonly state: string;
}

interface LogRow {
  readonly event: string;
  readonly revision: string | null;
  readonly direction: string | null;
}

interface SummaryRow {
  readonly heads: readonly string[];
  readonly digest: string;
  readonly applied: number;
  readonly floor: string | null;
}

const EMPTY: History = { revisions: [], journal: [], log: [], summary: undefined };

/** Reads all of it. */
export async function readHistory(client: Client): Promise<History> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('slipway.summary') is not null as there",
  );
  if (rows[0]?.there !== true) return EMPTY;
  const all = async <R extends object>(sql: string) => (await client.query<R>(sql)).rows;
  const [summary] = await all<SummaryRow>(
    'select heads, digest, applied, floor from slipway.summary',
  );
  return {
    revisions: await all(
      `select id, state, checksum, revises,
         to_jsonb(r) - '{sequence,applied_at,duration_ms,pod,namespace}'::text[] as content
       from slipway.revision r order by id`,
    ),
    journal: await all(
      `select revision, direction, ordinal, digest, state
       from slipway.statement order by revision, direction, ordinal`,
    ),
    log: await all(
      "select event, revision, detail->>'direction' as direction from slipway.log order by id",
    ),
    summary,
  };
}

/** What in a history that came to rest contradicts itself. */
export function contradictions(history: History): readonly string[] {
  const { revisions, summary } = history;
  const applied = new Set(revisions.map(({ id }) => id));
  const followed = new Set(revisions.flatMap(({ revises }) => revises));
  const heads = [...applied].filter((id) => !followed.has(id)).sort();
  const found: string[] = [];
  for (const { id, state } of revisions) if (state !== 'applied') found.push(`${id} is ${state}`);
  if (summary === undefined) return applied.size === 0 ? found : [...found, 'no summary row'];
  if (summary.digest !== appliedDigest(revisions)) found.push('the digest is not that of the rows');
  if (summary.applied !== applied.size) found.push(`summary counts ${summary.applied}`);
  if ([...summary.heads].sort().join() !== heads.join()) {
    found.push(`summary has heads ${summary.heads.join()}, the rows have ${heads.join()}`);
  }
  for (const { revision, direction, ordinal, state } of history.journal) {
    const entry = `journal ${revision} ${direction} ${ordinal}: ${state}`;
    if (!applied.has(revision)) found.push(`${entry}, but the revision is not applied`);
    else if (state !== 'done' && state !== 'skipped') found.push(entry);
  }
  return [...found, ...story(history)];
}

/** What the audit log tells that cannot have happened. */
function story(history: History): readonly string[] {
  const found: string[] = [];
  const states = new Map<string, 'absent' | 'partial' | 'applied'>();
  for (const { event, revision } of history.log) {
    if (revision === null || event === 'failure' || event === 'interruption') continue;
    const before = states.get(revision) ?? 'absent';
    if (event === 'upgrade' && before === 'applied') found.push(`log: ${revision} applied twice`);
    if (event === 'downgrade' && before === 'absent') found.push(`log: ${revision} reverted twice`);
    const after = { begin: 'partial', upgrade: 'applied', downgrade: 'absent' } as const;
    if (event === 'begin' || event === 'upgrade' || event === 'downgrade') {
      states.set(revision, after[event]);
    } else {
      found.push(`log: unexpected ${event} of ${revision}`);
    }
  }
  const applied = new Set(history.revisions.map(({ id }) => id));
  for (const [id, state] of states) {
    if ((state === 'applied') !== applied.has(id)) found.push(`log: ${id} ends as ${state}`);
  }
  for (const id of applied) if (!states.has(id)) found.push(`log: nothing about ${id}`);
  return found;
}

/** How often the log says that a revision ran to its end in a direction. */
export function timesLogged(history: History, id: string, event: 'upgrade' | 'downgrade'): number {
  return history.log.filter((row) => row.event === event && row.revision === id).length;
}
