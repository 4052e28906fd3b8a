/** Which tests there are: the quick ones without a server, and the others with one they share. */

import { defineConfig } from 'vitest/config';

const quick = (name: string) => ({ test: { name, include: [`test/${name}/**/*.test.ts`] } });

const onPostgres = (name: string) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
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
      onPostgres('e2e'),
    ],
  },
});
