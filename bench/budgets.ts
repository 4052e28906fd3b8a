/** The performance budgets of the product, and whether a measured value keeps to them. */

/** A limit the product promises. */
export interface Budget {
  readonly id: string;
  readonly title: string;
  readonly limit: number;
  readonly unit: 'x' | 'ms' | 'bytes' | 'count';
}

/** What became of a budget in one run. */
export interface Verdict extends Budget {
  readonly value: number | undefined;
  readonly verdict: 'within' | 'missed' | 'unmeasured';
  /** Why there is no value, or what the value was measured against. */
  readonly note: string | undefined;
}

/** The budget of a no-op, against the floor at the same number of revisions. */
export function noopBudget(count: number, what: 'wall' | 'CPU' | 'peak memory'): Budget {
  const limit = what !== 'peak memory' && count > 1000 ? 1.35 : 1.25;
  return {
    id: `noop-${count}-${what.replace('peak ', '').toLowerCase()}`,
    title: `no-op at ${count.toLocaleString('en')} revisions, ${what} / floor`,
    limit,
    unit: 'x',
  };
}

/** The budgets of applying 1,000 revisions to an empty database, in wall time. */
export const APPLY_BUDGETS = {
  each: {
    id: 'apply-each',
    title: 'apply 1,000 revisions / psql, each committed',
    limit: 1.3,
    unit: 'x',
  },
  single: {
    id: 'apply-single',
    title: 'apply 1,000 revisions --single-transaction / psql -1',
    limit: 1.3,
    unit: 'x',
  },
  peer: {
    id: 'apply-peer',
    title: 'apply 1,000 revisions / fastest peer that commits each',
    limit: 1,
    unit: 'x',
  },
  slowFlush: {
    id: 'apply-slow-flush',
    title: 'the same where a flush costs 5 ms',
    limit: 0.35,
    unit: 'x',
  },
} as const satisfies Record<string, Budget>;

/** How many runners are started at once. */
export const RUNNERS = 50;

/** The budget of the wall time of all runners, given what one of them takes alone. */
export function runnersWallBudget(aloneMs: number): Budget {
  return {
    id: 'runners-wall',
    title: `${RUNNERS} runners at once (1.5 x one alone + 2 s)`,
    limit: 1.5 * aloneMs + 2000,
    unit: 'ms',
  };
}

/** How many of the runners started at once may fail, or revisions be applied other than once. */
export const RUNNERS_BUDGETS = {
  exits: {
    id: 'runners-exit',
    title: `of ${RUNNERS} runners at once, those that do not exit 0`,
    limit: 0,
    unit: 'count',
  },
  once: {
    id: 'runners-once',
    title: 'revisions not applied exactly once',
    limit: 0,
    unit: 'count',
  },
} as const satisfies Record<string, Budget>;

/** The budget of the wall time of linting 1,000 files. */
export const LINT_BUDGET: Budget = {
  id: 'lint',
  title: 'lint of 1,000 files',
  limit: 2000,
  unit: 'ms',
};

/** How many targets the large fleet has. */
export const FLEET = 1000;

/**
 * The budget of a fleet's peak memory, against that of a small fleet: it must not grow with the list.
 * Not 1, because V8 collects garbage only when the heap has grown: with a small heap both stay below 100 MiB.
 */
export function fleetBudget(count: number, state: 'new' | 'up to date'): Budget {
  return {
    id: `fleet-memory-${state.replaceAll(' ', '-')}`,
    title: `peak memory of a fleet of ${count.toLocaleString('en')} schemas, ${state} / a small one`,
    limit: 2.5,
    unit: 'x',
  };
}

/** The budget of what a pod needs of the program: all but the parser and the authoring chunks. */
export const PROGRAM_SIZE_BUDGET: Budget = {
  id: 'program-size',
  title: 'program without the parser and authoring chunks',
  limit: 3 * 1024 * 1024,
  unit: 'bytes',
};

/** Compares a measured value with its budget. */
export function judge(budget: Budget, value: number | undefined, note?: string): Verdict {
  if (value === undefined) return unmeasured(budget, 'it did not run');
  return { ...budget, value, verdict: value <= budget.limit ? 'within' : 'missed', note };
}

/** A budget without a value, and why. */
export function unmeasured(budget: Budget, why: string): Verdict {
  return { ...budget, value: undefined, verdict: 'unmeasured', note: why };
}
