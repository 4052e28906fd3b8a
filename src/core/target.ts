/** What the user asked for, as written: `head`, `base`, `+2`, an id or its beginning, `label@head`, `id-1`, ranges `a:b`. */

import { GraphError } from './errors.ts';
import type { RevisionId } from './revision.ts';

/** A target as written, not yet looked up in a graph: `[branch@][symbol][+N|-N]`. */
export interface PointTarget {
  readonly kind: 'point';
  /** As the user wrote it. */
  readonly text: string;
  /** A branch label, or a revision whose lineage is meant. */
  readonly branch: string | undefined;
  /** All behind the `@` that may be a name: a branch label may end in `-1`. */
  readonly name: string | undefined;
  /** `head`, `heads`, `base`, `current` or a name; undefined: what is applied. */
  readonly symbol: string | undefined;
  /** Steps up or down from the symbol. */
  readonly steps: number | undefined;
}

export type Target =
  | PointTarget
  /** Revisions by id, as an earlier look at the database settled them; never written by people. */
  | { readonly kind: 'settled'; readonly ids: readonly RevisionId[] };

/** What stays in a downgrade: everything else that is applied goes. */
export interface KeepTarget {
  readonly kind: 'keep';
  readonly ids: ReadonlySet<RevisionId>;
}

/** `a:b`, either end left open. */
export interface TargetRange {
  readonly text: string;
  readonly lower: PointTarget | undefined;
  readonly upper: PointTarget | undefined;
}

const NAME = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}';
const POINT = new RegExp(`^(?:(${NAME})@)?(?:(${NAME})|(${NAME})?([+-]\\d{1,6}))$`);
const RELATIVE_END = /^(.+)([+-]\d{1,6})$/;

/**
 * Reads a target.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN` when it has no form that slipway knows
 */
export function parseTarget(text: string): PointTarget {
  const [, branch, name, symbol, steps] = POINT.exec(text) ?? [];
  if (name !== undefined) {
    const [, start = name, end] = RELATIVE_END.exec(name) ?? [];
    return {
      kind: 'point',
      text,
      branch,
      name,
      symbol: start,
      steps: end === undefined ? undefined : Number(end),
    };
  }
  if (steps === undefined) throw notATarget(text);
  return { kind: 'point', text, branch, name: undefined, symbol, steps: Number(steps) };
}

/** Whether the text is a range: `a:b`, `a:`, `:b`. */
export function isRange(text: string): boolean {
  return text.includes(':');
}

/**
 * Reads a range.
 * @throws GraphError `SLIPWAY_TARGET_UNKNOWN` when it is none, or one of its ends is no target
 */
export function parseRange(text: string): TargetRange {
  const [lower, upper, ...more] = text.trim().split(':');
  if (lower === undefined || upper === undefined || more.length > 0) {
    throw new GraphError('SLIPWAY_TARGET_UNKNOWN', `"${text}" is not a range`, {
      hint: 'Write start:end, start: or :end, each end a target such as base, 3f2a, current or -2.',
      details: { target: text },
    });
  }
  return {
    text,
    lower: lower === '' ? undefined : parseTarget(lower),
    upper: upper === '' ? undefined : parseTarget(upper),
  };
}

/** All heads, and the one head: what commands mean when nothing is named. */
export const HEADS = parseTarget('heads');
export const HEAD = parseTarget('head');

/** Whether the target starts from what is applied, so that only a database can say what it means. */
export function needsDatabase(target: PointTarget | undefined): boolean {
  return target !== undefined && (target.symbol === undefined || target.symbol === 'current');
}

function notATarget(text: string): GraphError {
  return new GraphError('SLIPWAY_TARGET_UNKNOWN', `"${text}" is not a target`, {
    hint: 'Write head, heads, base, current, +N, -N, a revision id or the beginning of one, id+N, id-N, label@head or label@id.',
    details: { target: text },
  });
}
