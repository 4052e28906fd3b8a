/** An open connection for whoever goes on with it: from the fast path, or from the target before. */

import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import type { Session } from '../postgres/session.ts';

export interface Handover {
  readonly client: Session['client'];
  readonly connection: ConnectionSettings;
  /** The migration lock is held on it, as by the fast path. */
  readonly holdsLock: boolean;
}
