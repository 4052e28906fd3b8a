/** Watches, from a second connection, who blocks the session that does the work. */

import type { SessionInfo } from '../core/events.ts';
import { sessionInfo } from './activity.ts';
import type { Row } from './session.ts';

/** Asks one question over another connection; the connection is opened at the first question. */
export interface Observer {
  query(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export interface BlockerWatch {
  /** The blockers seen last. */
  readonly seen: readonly SessionInfo[];
  stop(): void;
}

const EVERY_MS = 1000;

/** Looks after `firstMs` and then every second who blocks backend `pid`, until stopped. */
export function watchBlockers(
  observer: Observer,
  pid: number,
  options: { readonly firstMs: number; readonly onBlocked: (by: readonly SessionInfo[]) => void },
): BlockerWatch {
  let seen: readonly SessionInfo[] = [];
  let stopped = false;
  let timer = setTimeout(look, options.firstMs);

  async function look(): Promise<void> {
    // The watch serves the diagnosis only: where it cannot look, there is simply less to say.
    const rows = await observer.query(BLOCKERS, [pid]).catch(() => []);
    if (stopped) return;
    if (rows.length > 0) {
      seen = rows.map(sessionInfo);
      options.onBlocked(seen);
    }
    timer = setTimeout(look, EVERY_MS);
  }
  return {
    get seen() {
      return seen;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const BLOCKERS = `
  select a.pid, a.application_name, a.usename, host(a.client_addr) as client, a.state, a.query,
    extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start)) * 1000 as age_ms
  from unnest(pg_blocking_pids($1)) as blocker(pid)
  join pg_stat_activity a on a.pid = blocker.pid
  order by a.xact_start nulls last`;
