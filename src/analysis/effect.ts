/** What a statement's module says about it, and the verdicts it chooses from. */

import type { Compatibility, StatementFacts } from '../core/revision.ts';
import type { CreatedObjects } from './created.ts';
import type { Body, Tag } from './tree.ts';

/** Facts about a statement; what is left out is the harmless default. */
export type Effect = Pick<StatementFacts, 'compatibility'> &
  Partial<Pick<StatementFacts, 'dataLoss' | 'transactional'>>;

/** What a statement's module may know beside the statement itself. */
export interface FactsContext {
  /** Objects that did not exist when the release began, and that its previous code cannot use. */
  readonly created: CreatedObjects;
}

/** What is known of the statements of some kinds, by their tag. */
export type Handlers = {
  readonly [T in Tag]?: (statement: Body<T>, context: FactsContext) => Effect;
};

/** Code of the previous release keeps working. */
export function compatible(reason: string): Compatibility {
  return { verdict: 'yes', reason };
}

/** Code of the previous release cannot be using what is new. */
export function asNew(what: string): Compatibility {
  return compatible(`${what}, which is new in this release`);
}

/** Code of the previous release may fail, or read or write the wrong thing. */
export function breaking(reason: string): Compatibility {
  return { verdict: 'no', reason };
}

/** The statement alone does not tell. */
export function undecided(reason: string): Compatibility {
  return { verdict: 'unknown', reason };
}

/** An effect on compatibility and on nothing else. */
export function only(compatibility: Compatibility): Effect {
  return { compatibility };
}

const SEVERITY = { yes: 0, unknown: 1, no: 2 } as const;

/** Compares verdicts: positive when `a` is worse than `b`. */
export function compareSeverity(a: Compatibility, b: Compatibility): number {
  return SEVERITY[a.verdict] - SEVERITY[b.verdict];
}

/** Effects of the parts of one statement as the effect of the whole; the first worst verdict wins. */
export function together(effects: readonly Effect[], empty: Compatibility): Effect {
  return {
    compatibility: effects
      .map((effect) => effect.compatibility)
      .reduce(
        (worst, each) => (compareSeverity(each, worst) > 0 ? each : worst),
        effects[0]?.compatibility ?? empty,
      ),
    dataLoss: effects.flatMap((effect) => effect.dataLoss ?? []),
    transactional: effects.every((effect) => effect.transactional ?? true),
  };
}
