/** Says what is about to happen, and where. */

import { describeServer } from '../postgres/connection-settings.ts';
import { serverParameter } from '../postgres/login.ts';
import type { OpenConnection } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** Reports `run.started`. */
export function reportStart(
  run: RunContext,
  command: string,
  { connection, session }: OpenConnection,
): void {
  run.reporter.report({
    type: 'run.started',
    command,
    database: connection.database,
    server: describeServer(connection),
    user: run.settings.role ?? connection.user,
    serverVersion: serverParameter(session.client, 'server_version') ?? '',
  });
}
