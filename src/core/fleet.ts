/** A fleet: many targets (databases, or schemas of one) that one run takes to the same place. */

import { EXIT, type ExitCode, type SlipwayError } from './errors.ts';
import type { RunOutcome } from './outcome.ts';
import type { RevisionId } from './revision.ts';
import type { Secret } from './secret.ts';

/** One database or schema, as a list of targets names it. */
export interface FleetTarget {
  /** Unique in its list; shown in logs and reports. */
  readonly name: string;
  /** Where it is listed, in words: `targets.txt:3`. */
  readonly place: string;
  readonly url: Secret | undefined;
  /** File with the URL, read again at every connect. */
  readonly urlFile: string | undefined;
  /** Another database of the connection that is configured, or that the URL names. */
  readonly database: string | undefined;
  /** The schema that its revisions work in. */
  readonly schema: string | undefined;
  readonly historySchema: string | undefined;
  readonly role: string | undefined;
}

/** What became of one target. */
export type TargetResult =
  | {
      readonly target: string;
      readonly outcome: RunOutcome['outcome'];
      readonly heads: readonly RevisionId[];
      /** How many revisions this run applied or took back there. */
      readonly revisions: number;
      readonly durationMs: number;
    }
  | FailedTarget;

/** A target that did not get where it was to go. */
export interface FailedTarget {
  readonly target: string;
  readonly outcome: 'failed';
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly durationMs: number;
}

/** How many targets ended how. */
export interface FleetCounts {
  /** Of this run or its shard, those passed over included. */
  readonly total: number;
  /** Changed by this run. */
  readonly changed: number;
  /** Already where they were to go, or ahead and compatible. */
  readonly unchanged: number;
  readonly failed: number;
  /** Done according to the report that the run resumes. */
  readonly skipped: number;
  readonly notStarted: number;
}

/** Why targets were left that nobody started. */
export type FleetStop = 'canary' | 'max-failures' | 'interrupted';

/** What became of a fleet. */
export interface FleetReport {
  readonly counts: FleetCounts;
  readonly stopped: FleetStop | undefined;
  /** In the order in which they ended. */
  readonly results: readonly TargetResult[];
  readonly durationMs: number;
  readonly exitCode: ExitCode;
}

/** The result of a target that failed with `error`. */
export function failedTarget(
  target: string,
  error: SlipwayError,
  durationMs: number,
): FailedTarget {
  const { code, exitCode, message } = error;
  return { target, outcome: 'failed', code, exitCode, message, durationMs };
}

/** Exit codes from the one that a person must see first to the one that passes by itself. */
export const WORST_FIRST: readonly ExitCode[] = [
  EXIT.internal,
  EXIT.partial,
  EXIT.statement,
  EXIT.privilege,
  EXIT.approval,
  EXIT.refused,
  EXIT.ahead,
  EXIT.invalid,
  EXIT.check,
  EXIT.usage,
  EXIT.readOnly,
  EXIT.authentication,
  EXIT.unreachable,
  EXIT.objectLocked,
  EXIT.locked,
  EXIT.interrupted,
  EXIT.ok,
];

/** The worst of these exit codes; 0 where there are none. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? EXIT.ok;
}
