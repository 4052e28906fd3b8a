/** Slipway's own answers: the same histories as real revision files, run by the real runner. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError, UsageError } from '../../src/core/errors.ts';
import { DEFAULT_HAZARD_POLICIES } from '../../src/core/hazards.ts';
import { resolveRange } from '../../src/core/resolve.ts';
import {
  isRange,
  type PointTarget,
  parseRange,
  parseTarget,
  type Target,
} from '../../src/core/target.ts';
import { directoryRelease } from '../../src/files/directory.ts';
import { downgrade } from '../../src/runner/downgrade.ts';
import type { MigrationDatabase, Release } from '../../src/runner/ports.ts';
import { stamp } from '../../src/runner/stamp.ts';
import { upgrade } from '../../src/runner/upgrade.ts';
import { printRevisionFile } from '../../src/sql/revision-file.ts';
import { testSurroundings } from '../support/surroundings.ts';
import type { Answer } from './answers.ts';
import type { ParityBatch, ParityDirection } from './cases.ts';
import type { ParityGraph } from './graphs.ts';

const LIMITS = { lockTimeoutMs: 3000, lockRetries: 3, statementTimeoutMs: 0, single: false };
const GATE = {
  hazards: DEFAULT_HAZARD_POLICIES,
  hazardBytes: 0,
  approvals: new Set<string>(),
  approvedBy: 'flag',
  allowDataLoss: true,
} as const;

/** Calls `use` with the release of a folder that holds the history as files. */
export async function withRelease<T>(
  graph: ParityGraph,
  use: (release: Release) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-parity-'));
  try {
    for (const [index, { id, ...node }] of graph.nodes.entries()) {
      const file = `${String(index).padStart(2, '0')}_${id}.sql`;
      const up = `create table t_${id} (id int);`;
      const down = `drop table t_${id};`;
      const text = printRevisionFile({ ...node, id, description: `Revision ${id}`, up, down });
      await writeFile(join(folder, file), text);
    }
    return await use(directoryRelease(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Where the commands of a batch are run. */
export interface Place {
  /** A database at a state that users get to by one upgrade after the other. */
  reach(state: readonly string[]): Promise<MigrationDatabase>;
  /** The same after a command that ran `ran` and changed what is applied: back at the state. */
  restore(batch: ParityBatch, ran: readonly string[]): Promise<MigrationDatabase>;
}

/** Slipway's answers to all targets of a batch, each given at the batch's state. */
export async function answersTo(
  batch: ParityBatch,
  release: Release,
  place: Place,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let db = await place.reach(batch.state);
  const before = await appliedIn(db);
  for (const target of batch.targets) {
    const answer = await answerOf(db, release, { direction: batch.direction, target });
    answers.push(answer);
    const isChanged = (await appliedIn(db)).join() !== before.join();
    if (!isChanged) continue;
    if (answer.verdict === 'refused') throw new Error(`"${target}" is refused, and changes things`);
    // Getting to a state takes longer than the question; most answers leave it as it was.
    db = await place.restore(batch, answer.ran);
  }
  return answers;
}

/** Upgrades to one revision after the other. */
export async function upgradeTo(
  db: MigrationDatabase,
  release: Release,
  state: readonly string[],
): Promise<void> {
  for (const id of state) {
    await run(db, release, commandOf('upgrade', id));
  }
}

/** Runs one command and says what came of it; a failure that is no answer to the user is thrown. */
async function answerOf(
  db: MigrationDatabase,
  release: Release,
  { direction, target }: { readonly direction: ParityDirection; readonly target: string },
): Promise<Answer> {
  try {
    const ran =
      direction === 'history'
        ? await list(db, release, target)
        : await run(db, release, commandOf(direction, target));
    return { verdict: 'works', ran, applied: await appliedIn(db), warnings: [] };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const kind = error.code === 'SLIPWAY_INTERNAL' ? 'crash' : 'error';
    return { verdict: 'refused', kind, reason: `${error.code}: ${error.message}` };
  }
}

/** The revisions of a range, newest first, as `slipway history -r` lists them. */
async function list(
  db: MigrationDatabase,
  release: Release,
  text: string,
): Promise<readonly string[]> {
  if (!isRange(text)) throw new UsageError('SLIPWAY_USAGE', `"${text}" is no range`);
  const applied = new Set(await appliedIn(db));
  return resolveRange(await release.graph(), parseRange(text), applied).toReversed();
}

/** What is applied, sorted. */
async function appliedIn(db: MigrationDatabase): Promise<readonly string[]> {
  const rows = (await db.applied.summary()) === undefined ? [] : await db.applied.list();
  return rows.map((row) => row.id).sort();
}

/** What the runner is told to do. */
export type Command =
  | { readonly direction: 'upgrade' | 'downgrade'; readonly target: Target }
  | { readonly direction: 'stamp'; readonly targets: readonly PointTarget[] };

/** The command that a person writes; `stamp` takes several targets. */
export function commandOf(direction: Command['direction'], text: string): Command {
  return direction === 'stamp'
    ? { direction, targets: text.split(' ').map(parseTarget) }
    : { direction, target: parseTarget(text) };
}

/**
 * Runs one command; the revisions that it ran, in order.
 * @throws SlipwayError where it is refused
 */
export async function run(
  db: MigrationDatabase,
  release: Release,
  command: Command,
): Promise<readonly string[]> {
  const surroundings = testSurroundings();
  const { reporter } = surroundings;
  if (command.direction === 'stamp') {
    const { targets } = command;
    const options = { targets, purge: false, lockWaitMs: 300_000, lockTimeoutMs: 3000 };
    await stamp(db, release, options, surroundings);
    return [];
  }
  const { direction, target } = command;
  const options = { target, limits: LIMITS, lockWaitMs: 300_000, gate: GATE };
  if (direction === 'downgrade') {
    await downgrade(db, { ...options, release }, surroundings);
    return reporter.of('revision.reverted').map((event) => event.revision);
  }
  await upgrade(db, release, { ...options, phase: 'all', onAhead: 'refuse' }, surroundings);
  return reporter.of('revision.applied').map((event) => event.revision);
}
