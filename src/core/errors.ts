/** Every way slipway can fail: a code, the exit code it ends with, and what to do. Public API. */

/** Exit codes of DESIGN §8.2, by name. */
export const EXIT = {
  ok: 0,
  usage: 10,
  invalid: 11,
  statement: 12,
  refused: 13,
  ahead: 14,
  check: 15,
  approval: 16,
  privilege: 17,
  unreachable: 20,
  authentication: 21,
  locked: 22,
  objectLocked: 23,
  interrupted: 24,
  readOnly: 25,
  partial: 30,
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface CodeEntry {
  readonly exit: ExitCode;
  /** Whether the same call may succeed later with nothing changed by a person. */
  readonly transient: boolean;
}

const permanent = (exit: ExitCode): CodeEntry => ({ exit, transient: false });
const transient = (exit: ExitCode): CodeEntry => ({ exit, transient: true });

/** The one table of error codes. `docs/reference/errors.md` has a section for each. */
export const ERROR_CODES = {
  SLIPWAY_NODE_TOO_OLD: permanent(EXIT.usage),
  SLIPWAY_USAGE: permanent(EXIT.usage),
  SLIPWAY_CONFIG_INVALID: permanent(EXIT.usage),
  SLIPWAY_CONNECTION_SETTINGS: permanent(EXIT.usage),
  SLIPWAY_COMMAND_NOT_FOUND: permanent(EXIT.usage),
  SLIPWAY_FILE_EXISTS: permanent(EXIT.usage),
  SLIPWAY_POOLER_UNSUPPORTED: permanent(EXIT.usage),
  SLIPWAY_OFFLINE_UNSUPPORTED: permanent(EXIT.usage),
  SLIPWAY_GIT_FAILED: permanent(EXIT.usage),
  SLIPWAY_SCRATCH_REFUSED: permanent(EXIT.usage),
  SLIPWAY_CLUSTER_SETTINGS: permanent(EXIT.usage),
  SLIPWAY_LISTEN_FAILED: permanent(EXIT.usage),
  SLIPWAY_PG_DUMP_MISSING: permanent(EXIT.usage),
  SLIPWAY_TARGETS_INVALID: permanent(EXIT.usage),

  SLIPWAY_FILE_UNREADABLE: permanent(EXIT.invalid),
  SLIPWAY_FILE_MALFORMED: permanent(EXIT.invalid),
  SLIPWAY_FILE_DUPLICATE_ID: permanent(EXIT.invalid),
  SLIPWAY_FILE_PASSED_OVER: permanent(EXIT.invalid),
  SLIPWAY_PUBLISHED_CHANGED: permanent(EXIT.invalid),
  SLIPWAY_PUBLISHED_DELETED: permanent(EXIT.invalid),
  SLIPWAY_REVISION_SPLICED: permanent(EXIT.invalid),
  SLIPWAY_TEMPLATE_INVALID: permanent(EXIT.invalid),
  SLIPWAY_SQL_SYNTAX: permanent(EXIT.invalid),
  SLIPWAY_TRANSACTION_CONTROL: permanent(EXIT.invalid),
  SLIPWAY_TRANSACTION_MODE: permanent(EXIT.invalid),
  SLIPWAY_GRAPH_CYCLE: permanent(EXIT.invalid),
  SLIPWAY_GRAPH_MISSING_REVISION: permanent(EXIT.invalid),
  SLIPWAY_GRAPH_DUPLICATE_LABEL: permanent(EXIT.invalid),
  SLIPWAY_MULTIPLE_HEADS: permanent(EXIT.invalid),
  SLIPWAY_TARGET_UNKNOWN: permanent(EXIT.invalid),
  SLIPWAY_TARGET_AMBIGUOUS: permanent(EXIT.invalid),
  SLIPWAY_TARGET_OUT_OF_RANGE: permanent(EXIT.invalid),
  SLIPWAY_BUNDLE_INVALID: permanent(EXIT.invalid),
  SLIPWAY_APPLIED_CHECKSUM_CHANGED: permanent(EXIT.invalid),
  SLIPWAY_HISTORY_DIVERGED: permanent(EXIT.invalid),
  SLIPWAY_HISTORY_FORMAT: permanent(EXIT.invalid),
  SLIPWAY_NO_WAY_BACK: permanent(EXIT.invalid),

  SLIPWAY_REVISION_FAILED: permanent(EXIT.statement),
  SLIPWAY_VERIFY_FAILED: permanent(EXIT.statement),
  SLIPWAY_BACKFILL_INVALID: permanent(EXIT.statement),
  SLIPWAY_HISTORY_FAILED: permanent(EXIT.statement),
  SLIPWAY_PURGE_FAILED: permanent(EXIT.statement),

  SLIPWAY_HAZARD_REFUSED: permanent(EXIT.refused),
  SLIPWAY_REPAIR_REFUSED: permanent(EXIT.refused),
  SLIPWAY_ROLLOUT_CHANGED: permanent(EXIT.refused),
  SLIPWAY_BACKUP_FAILED: permanent(EXIT.refused),
  SLIPWAY_SCHEMA_AHEAD: permanent(EXIT.ahead),
  SLIPWAY_CHECK_PENDING: permanent(EXIT.check),
  SLIPWAY_REPAIR_NEEDED: permanent(EXIT.check),
  SLIPWAY_LINT_FINDINGS: permanent(EXIT.check),
  SLIPWAY_TEST_FAILED: permanent(EXIT.check),
  SLIPWAY_NEEDS_APPROVAL: permanent(EXIT.approval),
  SLIPWAY_PRIVILEGE_MISSING: permanent(EXIT.privilege),
  SLIPWAY_CLUSTER_FORBIDDEN: permanent(EXIT.privilege),

  SLIPWAY_DB_UNREACHABLE: transient(EXIT.unreachable),
  SLIPWAY_DB_CONNECTION_LOST: transient(EXIT.unreachable),
  SLIPWAY_WAIT_TIMEOUT: transient(EXIT.locked),
  SLIPWAY_ROLLOUT_TIMEOUT: transient(EXIT.locked),
  SLIPWAY_DB_AUTH_FAILED: transient(EXIT.authentication),
  SLIPWAY_DB_MISSING: transient(EXIT.authentication),
  SLIPWAY_SCHEMA_MISSING: transient(EXIT.authentication),
  SLIPWAY_LOCK_TIMEOUT: transient(EXIT.locked),
  SLIPWAY_OBJECT_LOCK_TIMEOUT: transient(EXIT.objectLocked),
  SLIPWAY_INTERRUPTED: transient(EXIT.interrupted),
  SLIPWAY_DB_READ_ONLY: transient(EXIT.readOnly),

  SLIPWAY_REVISION_AMBIGUOUS: permanent(EXIT.partial),
  SLIPWAY_INTERNAL: permanent(EXIT.internal),
} as const satisfies Record<`SLIPWAY_${string}`, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A value that can be written as JSON and shown to anybody. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export interface ErrorOptionsOf {
  /** One sentence: what to do next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Facts for machines and for the long form of the message. JSON-safe, no secrets. */
  readonly details?: { readonly [key: string]: Json | undefined };
}

/**
 * The root of every failure slipway explains. The message says what happened to which thing: lower
 * case, one line, no period.
 */
export abstract class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: { readonly [key: string]: Json | undefined };

  constructor(code: ErrorCode, message: string, options: ErrorOptionsOf = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint === undefined ? undefined : sentence(options.hint);
    this.details = options.details ?? {};
  }

  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exit;
  }

  /** Whether the same call may succeed later with nothing changed by a person. */
  get transient(): boolean {
    return ERROR_CODES[this.code].transient;
  }
}

/** `text` as a sentence; a command at its beginning stays as it is typed. */
function sentence(text: string): string {
  const begun = /^(slipway\b|[^a-z])/.test(text)
    ? text
    : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}

/** The command line is wrong. */
export class UsageError extends SlipwayError {}
/** A setting is wrong. */
export class ConfigError extends SlipwayError {}
/** A file cannot be read as a revision. `details` has file, line, column, excerpt. */
export class RevisionFileError extends SlipwayError {}
/** The graph or a target makes no sense. */
export class GraphError extends SlipwayError {}
/** Database and files disagree. */
export class MismatchError extends SlipwayError {}
/** A statement failed or may not run. */
export class RunError extends SlipwayError {}
/** The answer to a check is "no". */
export class CheckFailed extends SlipwayError {}
/** The database cannot be used now. */
export class ConnectionError extends SlipwayError {}
/** A lock was not obtained, or was lost. */
export class LockError extends SlipwayError {}
/** A cluster, or what runs in it, is not as it must be. */
export class ClusterError extends SlipwayError {}
/** Told to stop, and stopped cleanly. */
export class Interrupted extends SlipwayError {}
/** An invariant broke: a bug in slipway. */
export class InternalError extends SlipwayError {}

/** Ends a `switch` over a union: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new InternalError('SLIPWAY_INTERNAL', `unexpected value ${JSON.stringify(value)}`);
}
