/** Rows of `pg_stat_activity` as `SessionInfo`. */

import type { SessionInfo } from '../core/events.ts';
import type { Row } from './session.ts';

const QUERY_LENGTH = 160;

/** Expects pid, application_name, usename, client, state, query and age_ms. */
export function sessionInfo(row: Row): SessionInfo {
  const application = text(row['application_name']) ?? '';
  return {
    pid: Number(row['pid']),
    application,
    pod: podOf(application),
    user: text(row['usename']),
    client: text(row['client']),
    state: text(row['state']),
    ageMs: row['age_ms'] == null ? undefined : Math.round(Number(row['age_ms'])),
    query: oneLine(text(row['query'])),
  };
}

/** `namespace/pod` out of slipway's application name `slipway/<namespace>/<pod>`. */
function podOf(application: string): string | undefined {
  const match = /^slipway\/([^/]+\/[^/]+)$/.exec(application);
  return match?.[1];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Statements may carry literals that are nobody's business: they are masked. */
function oneLine(query: string | undefined): string | undefined {
  if (query === undefined) return undefined;
  const flat = query
    .replace(/'(?:[^']|'')*'?/g, "'…'")
    .replace(/\s+/g, ' ')
    .trim();
  return flat.length > QUERY_LENGTH ? `${flat.slice(0, QUERY_LENGTH)}…` : flat;
}
