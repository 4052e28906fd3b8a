/** What an error of the database says, as plain data, so that nobody else needs to know `pg`. */

import type { DatabaseErrorFields } from '../core/database-failure.ts';

/** The five characters of SQLSTATE, or undefined when `error` did not come from a server. */
export function sqlState(error: unknown): string | undefined {
  // Node's own codes can have five capitals too (`EPIPE`), but never a severity.
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;
}

/** What `error` says, JSON-safe; of an error that did not come from a server only the message. */
export function databaseErrorFields(error: unknown): DatabaseErrorFields {
  const state = sqlState(error);
  const fields = new Map<string, unknown>(
    state === undefined ? [] : Object.entries(error as Error),
  ); // has a state
  const text = (name: string) => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const position = text('position');
  return {
    severity: text('severity'),
    sqlState: state,
    message: error instanceof Error ? error.message : String(error),
    detail: text('detail'),
    hint: text('hint'),
    position: position === undefined ? undefined : Number(position),
    internalQuery: text('internalQuery'),
    where: text('where'),
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
  };
}

/** Errors of the operating system and of Node's streams after which nothing can be sent any more. */
const LOST_CODES = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTCONN',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);

/** How `pg` says that its socket is gone; it has no codes for this. */
const LOST_MESSAGES =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed)/;

/** SQLSTATEs with which a server ends the session: class 08, operator intervention, time limits. */
const LOST_STATES = /^(?:08...|57P0[1-5]|25P0[34])$/;

/** Whether the session ended with `error`, so that its transaction's outcome may be unknown. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlState(error);
  if (state !== undefined) {
    // Severity is translated by lc_messages, hence the list of states beside it.
    const severity = databaseErrorFields(error).severity;
    return severity === 'FATAL' || severity === 'PANIC' || LOST_STATES.test(state);
  }
  return LOST_CODES.has(systemCode(error) ?? '') || LOST_MESSAGES.test(error.message);
}

/** Node's code of a system or stream error, as `ECONNREFUSED`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && sqlState(error) === undefined ? error.code : undefined;
}
