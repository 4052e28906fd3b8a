/** Says what is about to happen, and where. */

import { describeServer } from '../postgres/connection-settings.ts';
import { serverParameter } from '../postgres/login.ts';
import type { OpenConnection } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** Reports `run.started`. */
export async function reportStart(
  run: RunContext,
  command: string,
  { connection, session }: OpenConnection,
): Promise<void> {
  const [row] = await session.own({
    text: 'select current_user as name',
  });
  run.reporter.report({
    type: 'run.started',
    command,
    database: connection.database,
    server: describeServer(connection),
    user: String(row?.['name'] ?? connection.user),
    serverVersion: serverParameter(session.client, 'server_version') ?? '',
  });
}
