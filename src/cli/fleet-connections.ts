/** Open connections that a target with nothing to do leaves to the next one in the same database. */

import type { FleetTarget } from '../core/fleet.ts';
import { sayGoodbye } from '../postgres/session.ts';
import type { Handover } from './handover.ts';

/** Connections nobody uses at the moment. */
export interface IdleConnections {
  /** One that leads to where the target is; it may have been lost meanwhile. */
  take(target: FleetTarget): Handover | undefined;
  /** Whether a connection of the target may be of use to others. */
  fits(target: FleetTarget): boolean;
  put(target: FleetTarget, handover: Handover): void;
  close(): Promise<void>;
}

/** A server process that has seen many schemas remembers all of them: it is let go after so many. */
const MOST_USES = 200;

/** At most `limit` are kept; the one that was idle for longest goes first. */
export function idleConnections(limit: number): IdleConnections {
  const idle: { readonly key: string; readonly handover: Handover }[] = [];
  const uses = new WeakMap<Handover['client'], number>();
  const say = (handover: Handover): Promise<void> =>
    sayGoodbye(handover.client).catch(() => undefined);
  const leaving = new Set<Promise<void>>();
  const letGo = (handover: Handover): void => {
    const gone = say(handover).finally(() => leaving.delete(gone));
    leaving.add(gone);
  };
  return {
    take(target) {
      const found = idle.findLastIndex(({ key }) => key === keyOf(target));
      return found < 0 ? undefined : idle.splice(found, 1)[0]?.handover;
    },
    fits: ({ url, urlFile, schema }) =>
      schema !== undefined && url === undefined && urlFile === undefined,
    put(target, handover) {
      const used = (uses.get(handover.client) ?? 0) + 1;
      uses.set(handover.client, used);
      if (used >= MOST_USES) return letGo(handover);
      idle.push({ key: keyOf(target), handover });
      const oldest = idle.length > limit ? idle.shift() : undefined;
      if (oldest !== undefined) letGo(oldest.handover);
    },
    async close() {
      for (const { handover } of idle.splice(0)) letGo(handover);
      await Promise.all(leaving);
    },
  };
}

/** The same database, and the same role: `set role` stays with the connection. */
function keyOf({ database, role }: FleetTarget): string {
  return JSON.stringify([database, role]);
}
