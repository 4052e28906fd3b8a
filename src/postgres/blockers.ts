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
  /** Those seen at the last look; none where nothing was waited for. */
  readonly now: readonly SessionInfo[];
  stop(): void;
}

const EVERY_MS = 1000;
/** Looks between two reports of the same blockers, at most. */
const LONGEST_SILENCE = 60;

/**
 * Looks after `firstMs` and then every second who blocks backend `pid`, until stopped. Tells when it
 * is somebody else, and otherwise at doubling intervals.
 */
export function watchBlockers(
  observer: Observer,
  pid: number,
  options: { readonly firstMs: number; readonly onBlocked: (by: readonly SessionInfo[]) => void },
): BlockerWatch {
  let seen: readonly SessionInfo[] = [];
  let now: readonly SessionInfo[] = [];
  let silence = 0;
  let looksUntilReport = 0;
  let stopped = false;
  let timer = setTimeout(look, options.firstMs);

  async function look(): Promise<void> {
    // The watch serves the diagnosis only: where it cannot look, there is simply less to say.
    const rows = await observer.query(BLOCKERS, [pid]).catch(() => []);
    if (stopped) return;
    const before = pidsOf(now);
    now = rows.map(sessionInfo);
    if (now.length > 0) {
      seen = now;
      const isNew = pidsOf(now) !== before;
      looksUntilReport -= 1;
      if (isNew || looksUntilReport <= 0) {
        silence = isNew ? 1 : Math.min(silence * 2, LONGEST_SILENCE);
        looksUntilReport = silence;
        options.onBlocked(now);
      }
    }
    timer = setTimeout(look, EVERY_MS);
  }
  return {
    get seen() {
      return seen;
    },
    get now() {
      return now;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function pidsOf(sessions: readonly SessionInfo[]): string {
  return sessions.map((session) => session.pid).join();
}

const BLOCKERS = `
  select a.pid, a.application_name, a.usename, host(a.client_addr) as client, a.state, a.query,
    extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start)) * 1000 as age_ms
  from unnest(pg_blocking_pids($1)) as blocker(pid)
  join pg_stat_activity a on a.pid = blocker.pid
  order by a.xact_start nulls last`;
