/**
 * Runs a backfill: batch after batch over ranges of a key, each with its cursor in one transaction,
 * so that whoever comes next goes on behind the last batch that was committed.
 */

import type { BackfillCursor, BackfillPlace, BackfillTarget, KeyRange } from '../core/backfill.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import { formatDuration } from '../core/duration.ts';
import { Interrupted, RunError } from '../core/errors.ts';
import type { Backfill, Statement } from '../core/revision.ts';
import { type BoundStatement, bindRange } from '../sql/backfill.ts';
import { statementDigest } from '../sql/checksum.ts';
import { backfillTeller } from './backfill-progress.ts';
import { batchSize } from './batch-size.ts';
import type { MigrationDatabase, StatementLimits, Surroundings } from './ports.ts';
import type { Step } from './step.ts';

/** A statement of `step` that is a backfill. */
export interface BackfillStatement {
  readonly step: Step;
  readonly ordinal: number;
  readonly statement: Statement;
  readonly backfill: Backfill;
}

/** How a backfill runs. */
export interface BackfillOptions {
  readonly limits: StatementLimits;
  readonly surroundings: Surroundings;
  /** Digest of the applied set while the revision is under way. */
  readonly expectedDigest: string;
  /** Called after each batch: whoever counts tries may begin anew. */
  readonly onBatch: () => void;
}

/** What makes a backfill another one: its statement and what it walks, not how fast. */
export function backfillDigest({ schema, table, key }: Backfill, text: string): string {
  return statementDigest(`${JSON.stringify([schema ?? null, table, key])}\n${text}`);
}

/**
 * Runs the backfill from its cursor to the last key. The journal must have it as started.
 * @throws RunError `SLIPWAY_BACKFILL_INVALID`, `SLIPWAY_REVISION_AMBIGUOUS`
 * @throws DatabaseFailure, with the statement
 * @throws Interrupted between two batches
 */
export async function runBackfill(
  db: MigrationDatabase,
  item: BackfillStatement,
  options: BackfillOptions,
): Promise<void> {
  const { step, ordinal, statement, backfill } = item;
  const target = await db.sql.backfills
    .inspect(backfill, options.limits)
    .catch((error: unknown) => throwWith(error, statement));
  if (target.kind === 'unfit') throw unfit(item, target);
  const place = { revision: step.revision.id, direction: step.direction, ordinal };
  const cursor = await openCursor(db, item, place);
  const bound = bindRange(statement.text, target.keyType);
  await walk({ db, item, options, place, target, bound }, cursor);
}

interface Walk {
  readonly db: MigrationDatabase;
  readonly item: BackfillStatement;
  readonly options: BackfillOptions;
  readonly place: BackfillPlace;
  readonly target: Extract<BackfillTarget, { readonly kind: 'walkable' }>;
  readonly bound: BoundStatement;
}

async function walk(run: Walk, start: BackfillCursor): Promise<void> {
  const { db, item, options, target } = run;
  const { backfill, statement } = item;
  const { now, sleep, signal } = options.surroundings;
  const name = {
    revision: item.step.revision.id,
    location: locationOf(item),
    table: tableOf(item),
  };
  const teller = backfillTeller(options.surroundings, name, target.estimate);
  const size = batchSize(backfill.batch, backfill.maxTimeMs);
  let { key, ...tally } = start;
  const tell = (waitsFor?: string): void => {
    const slow = `batches took over ${formatDuration(backfill.maxTimeMs)}`;
    const throttledBy = waitsFor ?? (size.isReduced ? slow : undefined);
    teller.progress(tally, { batch: size.current, throttledBy });
  };
  const replicas = replicaWatch(run, tell);
  teller.started(backfill, tally);
  for (;;) {
    if (signal.aborted) throw stopped(item);
    await replicas.waitUntilClose();
    const beginMs = now();
    const range = await db.sql.backfills
      .next({ backfill, keyType: target.keyType, after: key, limit: size.current }, options.limits)
      .catch((error: unknown) => throwWith(error, statement));
    if (range === undefined) break;
    const rows = tally.rows + (await runBatch(run, key, range));
    size.learn(range.keys, now() - beginMs);
    tally = { ...tally, keys: tally.keys + range.keys, rows, batches: tally.batches + 1 };
    key = range.to;
    options.onBatch();
    tell();
    if (backfill.pauseMs > 0) await sleep(backfill.pauseMs);
  }
  teller.finished(tally);
}

/** One batch and the cursor behind it: both or neither. Answers how many rows changed. */
async function runBatch(run: Walk, after: string | undefined, range: KeyRange): Promise<number> {
  const { db, item, options, place, bound } = run;
  const { statement } = item;
  const sent = { ...statement, text: bound.text };
  // A batch that a crash of the server loses is lost together with its cursor.
  const how = { ...options.limits, durable: false, expectedDigest: options.expectedDigest };
  return db.sql
    .transaction(how, async (tx) => {
      const { rowCount } = await tx.query(sent, [range.from, range.to]);
      const rows = rowCount ?? 0;
      await tx.moveCursor(place, { from: after, to: range.to, keys: range.keys, rows });
      return rows;
    })
    .catch((error: unknown) => throwWith(error, statement, bound));
}

/** The cursor to go on from: of this very statement, or a new one. */
async function openCursor(
  db: MigrationDatabase,
  item: BackfillStatement,
  place: BackfillPlace,
): Promise<BackfillCursor> {
  const { statement, backfill } = item;
  const digest = backfillDigest(backfill, statement.text);
  const found = await db.sql.backfills.cursor(place);
  if (found?.digest === digest) return found;
  // Where rows are done, only the file can say that the new statement may run over them.
  if (found?.key !== undefined && !statement.idempotent) throw changed(item, found);
  await db.sql.backfills.begin(place, digest);
  return { digest, key: undefined, keys: 0, rows: 0, batches: 0 };
}

/** How often it is looked whether a replica has caught up. */
const LAG_POLL_MS = 1000;

/** Holds the backfill back while a replica is too far behind. */
function replicaWatch(
  { db, item, options }: Walk,
  report: (throttledBy: string) => void,
): { waitUntilClose(): Promise<void> } {
  const { now, sleep, reporter } = options.surroundings;
  const { maxLagMs } = item.backfill;
  let isBlind = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  return {
    async waitUntilClose() {
      if (maxLagMs === undefined || isBlind || now() - askedMs < LAG_POLL_MS) return;
      for (;;) {
        askedMs = now();
        const slowest = await db.sql.backfills.replicaLag();
        if (slowest === undefined) {
          isBlind = true;
          reporter.report({ type: 'warning', message: notVisible(tableOf(item)) });
          return;
        }
        if (slowest.lagMs <= maxLagMs) return;
        report(
          `replica ${slowest.replica ?? ''} is ${formatDuration(slowest.lagMs)} behind, more than ${formatDuration(maxLagMs)}`,
        );
        await sleep(LAG_POLL_MS);
      }
    },
  };
}

function notVisible(table: string): string {
  return `this role may not see how far replicas are behind (a member of pg_monitor may): the backfill of ${table} does not wait for them`;
}

/** The same failure, of the statement as the file has it. */
function throwWith(error: unknown, statement: Statement, bound?: BoundStatement): never {
  if (!(error instanceof DatabaseFailure)) throw error;
  const { kind, fields, blockers, cause } = error;
  const position =
    bound === undefined || error.statement === undefined || fields.position === undefined
      ? undefined
      : bound.positionOf(fields.position);
  // Whether a batch was committed is told by its cursor.
  const known = kind === 'commit-unknown' ? 'connection-lost' : kind;
  throw new DatabaseFailure(known, { ...fields, position }, { statement, blockers, cause });
}

function locationOf({ step, statement }: BackfillStatement): string {
  return `${step.revision.file}:${statement.line}:${statement.column}`;
}

function tableOf({ backfill: { schema, table } }: BackfillStatement): string {
  return schema === undefined ? table : `${schema}.${table}`;
}

function placeDetails(item: BackfillStatement) {
  const { revision, direction } = item.step;
  const { line, column } = item.statement;
  return { revision: revision.id, direction, file: revision.file, line, column };
}

function unfit(
  item: BackfillStatement,
  { problem, hint }: Extract<BackfillTarget, { readonly kind: 'unfit' }>,
): RunError {
  return new RunError(
    'SLIPWAY_BACKFILL_INVALID',
    `revision "${item.step.revision.id}" cannot run its backfill at ${locationOf(item)}: ${problem}`,
    { hint, details: placeDetails(item) },
  );
}

function changed(item: BackfillStatement, cursor: BackfillCursor): RunError {
  return new RunError(
    'SLIPWAY_REVISION_AMBIGUOUS',
    `the backfill of revision "${item.step.revision.id}" at ${locationOf(item)} is not the one that was done up to key ${cursor.key}`,
    {
      hint: 'Put it back as it was, and it goes on from there; or, if the new one may run over the rows that are done, put "-- slipway:idempotent" above it, and it starts from the first key.',
      details: { ...placeDetails(item), cursor: cursor.key, keys: cursor.keys, rows: cursor.rows },
    },
  );
}

function stopped(item: BackfillStatement): Interrupted {
  return new Interrupted(
    'SLIPWAY_INTERRUPTED',
    `stopped in the backfill of revision "${item.step.revision.id}" at ${locationOf(item)}, between two batches`,
    { hint: 'The next run continues from here.', details: placeDetails(item) },
  );
}
