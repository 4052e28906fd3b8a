/**
 * Which tests there are: the quick ones without a server, and the others with one they share.
 * `containers` needs podman and helm, `alembic` needs python3-alembic, which `.ci/run` installs;
 * `npm test` leaves them out.
 */

import { defineConfig } from 'vitest/config';

// No test takes so long by itself; a busy machine does.
const quick = (name: string) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 30_000 },
});

const onPostgres = (name: string, include = [`test/${name}/**/*.test.ts`]) => ({
  test: {
    name,
    include,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    // Vitest leaves one core to itself, which on two cores is half the machine.
    maxWorkers: '100%',
    projects: [
      quick('unit'),
      quick('property'),
      onPostgres('integration'),
      onPostgres('golden'),
      onPostgres('e2e', ['test/e2e/cli/**/*.test.ts']),
      onPostgres('parity', ['test/parity/*.test.ts']),
      // Alembic itself, where python3-alembic is installed.
      onPostgres('alembic', ['test/parity/live/*.test.ts']),
      onPostgres('containers', ['test/e2e/*.test.ts']),
      // Starts servers of its own, to crash them.
      { test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
});
