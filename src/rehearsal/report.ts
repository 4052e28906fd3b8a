/** What a rehearsal found. */

import type { CatalogDifference } from '../core/catalog.ts';
import { describeDifference } from '../core/catalog.ts';
import { Interrupted, type Json, SlipwayError } from '../core/errors.ts';
import type { RevisionId } from '../core/revision.ts';
import type { EmptyTable } from './ports.ts';

/** Where in a rehearsal something went wrong. */
export type RehearsalPhase =
  | 'up'
  | 'verify'
  | 'down'
  | 'data'
  | 'up again'
  | 'runners'
  | 'chaos'
  | 'rollout'
  | 'rollback';

/** One thing that is wrong. */
export interface Finding {
  readonly phase: RehearsalPhase;
  /** In one line. */
  readonly message: string;
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
  readonly revision?: RevisionId | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly excerpt?: string | undefined;
  /** What differs, in words, a line each: `-` is missing, `+` is too much. */
  readonly differences: readonly string[];
}

/** `skipped`: it could not be tried, since what it needs failed. */
export type Verdict = 'passed' | 'failed' | 'skipped';

/** How one revision, or one check of them all, came through. */
export interface RehearsalItem {
  /** The revision's id, or the name of the check. */
  readonly name: string;
  readonly description: string;
  /** The revision's file. */
  readonly file: string | undefined;
  readonly verdict: Verdict;
  /** What was done, in order. */
  readonly done: readonly RehearsalPhase[];
  readonly findings: readonly Finding[];
  /** Worth knowing, and no failure. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}

/** What `slipway test` answers. */
export interface RehearsalReport {
  readonly ok: boolean;
  readonly server: string;
  readonly revisions: readonly RehearsalItem[];
  readonly checks: readonly RehearsalItem[];
  /** Tables in which no row could be put. */
  readonly emptyTables: readonly EmptyTable[];
  /** Statements of `--seed` that never ran. */
  readonly unusedSeeds: readonly string[];
  readonly durationMs: number;
}

/** A finding about two catalogs that should be the same; undefined where they are. */
export function differenceFinding(
  phase: RehearsalPhase,
  message: string,
  differences: readonly CatalogDifference[],
): Finding | undefined {
  if (differences.length === 0) return undefined;
  return { phase, message, differences: differences.flatMap(describeDifference) };
}

/**
 * The failure of a run as a finding; thrown on where it says nothing about the revisions: told to stop,
 * a lost connection, a mistake of ours.
 */
export function findingOf(error: unknown, phase: RehearsalPhase): Finding {
  if (!(error instanceof SlipwayError) || error instanceof Interrupted || !isAboutFiles(error)) {
    throw error;
  }
  const { details } = error;
  return {
    phase: error.code === 'SLIPWAY_VERIFY_FAILED' ? 'verify' : phase,
    message: error.message,
    code: error.code,
    hint: error.hint,
    revision: textOf(details['revision']),
    file: textOf(details['file']),
    line: numberOf(details['line']),
    column: numberOf(details['column']),
    excerpt: textOf(details['excerpt']),
    differences: [],
  };
}

function isAboutFiles(error: SlipwayError): boolean {
  return !['SLIPWAY_DB_UNREACHABLE', 'SLIPWAY_DB_CONNECTION_LOST', 'SLIPWAY_INTERNAL'].includes(
    error.code,
  );
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
