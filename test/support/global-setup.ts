/** The one server that all test files of a run share. */

import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/embedded/server.ts';
import { query, templateDatabase, testBinDir } from './postgres.ts';

// Vitest calls this once per project, in the same process: the first call starts the server for all.
const shared = globalThis as typeof globalThis & { slipwayAdminUrl?: string };

/** Starts the shared server unless another project did, and tells the tests where it is. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (shared.slipwayAdminUrl !== undefined) {
    project.provide('adminUrl', shared.slipwayAdminUrl);
    return undefined;
  }
  const server = await startEmbeddedPostgres({
    binDir: testBinDir(),
    config: { max_connections: '200' },
  });
  await query(
    server.url,
    `create database ${templateDatabase} is_template true allow_connections false`,
  );
  shared.slipwayAdminUrl = server.url;
  project.provide('adminUrl', server.url);
  return async () => {
    delete shared.slipwayAdminUrl;
    await server[Symbol.asyncDispose]();
  };
}
