/** What is set before a revision's statements run, so that nothing surprises them or leaks on. */

import type { StatementLimits, TransactionOptions } from '../runner/ports.ts';
import { quoteIdentifier, quoteLiteral } from '../sql/identifiers.ts';
import type { Session } from './session.ts';

/** What of a session decides about what is set on it. */
export type SessionRole = Pick<Session, 'role' | 'pooled' | 'serverVersion'>;

/** How long a dead pod's open transaction may keep its locks. */
const IDLE_IN_TRANSACTION = '60s';
/**
 * How the server finds out that its client is gone: while a statement runs, and while the session
 * is idle with the migration lock in its hands. The defaults of most systems take two hours. A
 * client that is there may be idle for as long as it likes, whatever is set on its role.
 */
export const CLIENT_GUARDS: readonly string[] = [
  "client_connection_check_interval = '2s'",
  'tcp_keepalives_idle = 20',
  'tcp_keepalives_interval = 5',
  'tcp_keepalives_count = 4',
  "tcp_user_timeout = '40s'",
  'idle_session_timeout = 0',
];

/**
 * Begins a transaction for a revision. What an earlier revision set on the session is reset first;
 * the role's own timeouts do not apply to migrations.
 */
export function transactionPrelude(
  session: SessionRole,
  searchPath: string | undefined,
  options: TransactionOptions,
): readonly string[] {
  return [
    'begin isolation level read committed read write',
    ...reset(session),
    ...settings(session, searchPath, options).map((setting) => `set local ${setting}`),
    `set local idle_in_transaction_session_timeout = '${IDLE_IN_TRANSACTION}'`,
    ...(options.durable ? [] : ['set local synchronous_commit = off']),
  ];
}

/** The same for statements that run outside a transaction. */
export function sessionPrelude(
  session: SessionRole,
  searchPath: string | undefined,
  limits: StatementLimits,
): readonly string[] {
  return [
    ...reset(session),
    ...settings(session, searchPath, limits).map((setting) => `set ${setting}`),
  ];
}

function reset(session: SessionRole): readonly string[] {
  return [
    'reset all',
    ...ownRole(session),
    ...CLIENT_GUARDS.map((guard) => `set ${scopeOf(session)}${guard}`),
  ];
}

/** Back to the role that slipway acts as. */
export function ownRole(session: SessionRole): readonly string[] {
  return [
    'reset session authorization',
    session.role === undefined
      ? 'reset role'
      : `set ${scopeOf(session)}role ${quoteIdentifier(session.role)}`,
  ];
}

/** A pooler hands the server session to others: there, nothing may outlive the transaction. */
function scopeOf(session: SessionRole): string {
  return session.pooled ? 'local ' : '';
}

/** The first version that has `transaction_timeout`. */
const TRANSACTION_TIMEOUT_SINCE = 17;

function settings(
  { serverVersion = 0 }: SessionRole,
  searchPath: string | undefined,
  limits: StatementLimits,
): readonly string[] {
  return [
    // As the files were read: a role with `off` would see other strings, and other statements.
    'standard_conforming_strings = on',
    `lock_timeout = ${Math.round(limits.lockTimeoutMs)}`,
    `statement_timeout = ${Math.round(limits.statementTimeoutMs)}`,
    ...(serverVersion < TRANSACTION_TIMEOUT_SINCE ? [] : ['transaction_timeout = 0']),
    ...(searchPath === undefined ? [] : [`search_path = ${searchPathValue(searchPath)}`]),
  ];
}

function searchPathValue(searchPath: string): string {
  return searchPathParts(searchPath).map(quoteLiteral).join(', ');
}

/** The schemas that a setting of search_path names, without their quotes. */
export function searchPathParts(searchPath: string): readonly string[] {
  return searchPath.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
}
