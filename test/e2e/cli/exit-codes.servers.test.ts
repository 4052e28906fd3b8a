/** Exit codes that only a server with settings of its own can provoke. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf, until } from '../../support/cli.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import { createPlace, placeAt } from '../../support/projects.ts';
import { table, upgrade } from './exit-codes.scenarios.ts';

describe('exit codes on a server that refuses', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startPostgres({
      hba: 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    });
    await query(socketUrl(), "alter role postgres password 'right'");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const socketUrl = () =>
    `postgres://postgres@localhost:${server.port}/postgres?host=${encodeURIComponent(server.socketDir)}`;

  it('21 SLIPWAY_DB_AUTH_FAILED when the password is wrong', async () => {
    const { project } = await createPlace(table);
    const url = server.url.replace('postgres@', 'postgres:wr0ng@');
    const outcome = await upgrade(placeAt(project, url));
    expect(failureOf(outcome, 21, 'SLIPWAY_DB_AUTH_FAILED')['next']).toMatch(/\w/);
    expect(outcome.stdout + outcome.stderr).not.toMatch('wr0ng');
  });

  it('25 SLIPWAY_DB_READ_ONLY when the server is a standby', async () => {
    const { project } = await createPlace(table);
    await server.stop();
    await writeFile(join(server.dataDir, 'standby.signal'), '');
    // It never says "ready" while in recovery, so whether it answers is asked over a connection.
    server.start().catch(() => undefined);
    await until(() => query(socketUrl(), 'select pg_is_in_recovery()'));
    const outcome = await upgrade(placeAt(project, socketUrl()), {
      SLIPWAY_CONNECT_TIMEOUT: '300ms',
    });
    expect(failureOf(outcome, 25, 'SLIPWAY_DB_READ_ONLY')['next']).toMatch(/primary/);
  });
});
