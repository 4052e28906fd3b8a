/** What the fast path gives to the full program: the connection, and on it the migration lock. */

import type { ConnectionSettings } from '../postgres/connection-settings.ts';
import type { Session } from '../postgres/session.ts';

export interface Handover {
  readonly client: Session['client'];
  readonly connection: ConnectionSettings;
}
