/** What goes wrong in a case: drawn from its number, and worded for the report. */

import { type Random, randomFrom } from './random.ts';
import type { RevisionSet } from './revision-set.ts';

/** What is done to a run at its moment. */
export type Act =
  | 'none'
  | 'kill'
  | 'sigterm'
  | 'cut'
  | 'reset'
  | 'half-close'
  | 'swallow'
  | 'delay'
  | 'terminate'
  | 'crash';

/** What another session holds when the moment has come. */
export type Hold = 'table' | 'snapshot' | 'lock';

/** A moment of a run, and what happens then. */
export interface Fault {
  readonly act: Act;
  /** Which message, as its number or as a part of all messages of the run without faults; or a time. */
  readonly at:
    | { readonly message: number }
    | { readonly fraction: number }
    | { readonly afterMs: number };
  /** Whether the message gets through before it happens. */
  readonly passOnFirst: boolean;
  readonly hold?: Hold;
  /** How long the other session keeps what it holds. */
  readonly holdMs: number;
  /** From the message, or the hold, to the act. */
  readonly waitMs: number;
}

/** What the runners of a case are to do, and what those after the fault are. */
export type Operation =
  /** Up, and up again. */
  | 'upgrade'
  /** The same in one transaction. */
  | 'single'
  /** Up to the contract phase, then all. */
  | 'phases'
  /** Down, and down again. */
  | 'downgrade'
  /** Caught on the way up, and taken down. */
  | 'turn-down'
  /** Caught on the way down, and taken up. */
  | 'turn-up';

/** All of them. */
export const OPERATIONS: readonly Operation[] = [
  'upgrade',
  'single',
  'phases',
  'downgrade',
  'turn-down',
  'turn-up',
];

/** One case: a set, what is done with it, and what goes wrong in its first runs. */
export interface CasePlan {
  readonly seed: number;
  readonly number: number;
  /** The arguments that run it again. */
  readonly replay: string;
  readonly operation: Operation;
  /** How many run at once. */
  readonly runners: number;
  /** One for each run, the first and perhaps the one after it; those that follow are left alone. */
  readonly faults: readonly Fault[];
}

/** Cases that share one revision set, and the work of running it without faults. */
export const CASES_PER_SET = 16;

/** The case of this number, always the same for a seed. */
export function casePlan(set: RevisionSet, number: number): CasePlan {
  const random = randomFrom(set.seed, number, 2);
  const operation = drawOperation(set, random);
  const runners = random.chance(0.12) ? random.integer(2, 8) : 1;
  const faults = [drawFault(set, random, 1)];
  // The run after the first one has less left to do.
  if (random.chance(0.2)) faults.push(drawFault(set, random, 0.5));
  const replay = `--case ${set.seed}:${number}`;
  return { seed: set.seed, number, replay, operation, runners, faults };
}

function drawOperation(set: RevisionSet, random: Random): Operation {
  if (set.transactional && random.chance(0.25)) return 'single';
  const onward = ['upgrade', 'upgrade', 'upgrade', 'upgrade', 'phases', 'downgrade'] as const;
  return random.pick(set.turnable ? [...onward, 'turn-down', 'turn-up'] : onward);
}

/** Every fault, and how often it is drawn. */
export const ACTS: readonly (readonly [Act, number])[] = [
  ['kill', 24],
  ['sigterm', 14],
  ['terminate', 16],
  ['cut', 10],
  ['reset', 10],
  ['half-close', 6],
  ['swallow', 5],
  ['crash', 6],
  ['delay', 4],
  ['none', 5],
];

function drawFault(set: RevisionSet, random: Random, part: number): Fault {
  const act = weighted(ACTS, random);
  const atRandom = random.chance(0.1);
  const holds = act === 'none' || random.chance(set.transactional ? 0.1 : 0.3);
  const hold = random.pick<Hold>(
    set.transactional ? ['table', 'table', 'lock'] : ['table', 'snapshot', 'snapshot', 'lock'],
  );
  return {
    act,
    at: atRandom ? { afterMs: random.integer(0, 500) } : { fraction: part * random.fraction() },
    passOnFirst: random.chance(0.6),
    ...(holds ? { hold } : {}),
    holdMs: random.integer(100, 1500),
    waitMs: holds ? random.integer(20, 1000) : random.pick([0, 0, 0, 1, 5, 20]),
  };
}

function weighted<T>(items: readonly (readonly [T, number])[], random: Random): T {
  let left = random.fraction() * items.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return random.pick(items)[0];
}

/** A fault in words. */
export function describeFault(fault: Fault, message: number | undefined): string {
  const { act, at, passOnFirst, hold, holdMs, waitMs } = fault;
  const moment =
    'afterMs' in at
      ? `${at.afterMs} ms after the start`
      : `${passOnFirst ? 'after' : 'before'} message ${message}`;
  const held = hold === undefined ? '' : `, while another session holds a ${hold} for ${holdMs} ms`;
  return `${act} ${moment}${waitMs > 0 ? ` and ${waitMs} ms` : ''}${held}`;
}
