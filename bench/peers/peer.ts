/** What a migrator that is measured beside slipway must be able to do, and who could not be had. */

import type { Command } from '../measure.ts';
import type { SmallRevision } from '../workload.ts';

/** A migrator set to commit each revision on its own. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Writes the revisions in the peer's format below `dir`; the result applies what is pending. */
  prepare(dir: string, revisions: readonly SmallRevision[]): Promise<(url: string) => Command>;
}

/** A migrator that cannot be measured on this machine. */
export interface AbsentPeer {
  readonly name: string;
  /** Why, and how to get it. */
  readonly why: string;
}
