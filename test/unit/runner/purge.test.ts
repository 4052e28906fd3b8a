/** Purging on the fake database: what is chosen, what is retried, what is left when it fails. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/core/database-failure.ts';
import type { SessionInfo } from '../../../src/core/events.ts';
import type { MigrationDatabase } from '../../../src/runner/ports.ts';
import { type PurgeOptions, purge } from '../../../src/runner/purge.ts';
import { failure } from '../../support/fake-catalog.ts';
import { type FakeServer, fakeServer } from '../../support/fake-database.ts';
import { revision } from '../../support/graph.ts';
import { apply } from '../../support/port-fixture.ts';
import { type TestSurroundings, testSurroundings } from '../../support/surroundings.ts';

const HOLDER: SessionInfo = {
  pid: 1,
  application: 'slipway/other',
  pod: undefined,
  user: undefined,
  client: undefined,
  state: undefined,
  ageMs: undefined,
  query: undefined,
};

let server: FakeServer;
let db: MigrationDatabase;
let surroundings: TestSurroundings;

beforeEach(async () => {
  server = fakeServer();
  db = server.connect();
  surroundings = testSurroundings();
  await db.applied.prepare();
  await apply(
    db,
    revision('a', { up: 'create table users (id int); create table audit (id int);' }),
    revision('b<-a', {
      up: '-- slipway:soft-drop column users.phone\n-- slipway:soft-drop table audit',
      down: '-- slipway:soft-restore table audit\n-- slipway:soft-restore column users.phone',
    }),
  );
});

const run = (given: Partial<PurgeOptions>) =>
  purge(
    db,
    {
      olderThanMs: undefined,
      names: [],
      dryRun: false,
      limits: { lockTimeoutMs: 10, statementTimeoutMs: 0, lockRetries: 2 },
      lockWaitMs: 0,
      ...given,
    },
    surroundings,
  );
const gone = () =>
  server.state.hidden.filter(({ purgedAt }) => purgedAt !== undefined).map(({ table }) => table);
const types = () => surroundings.reporter.events.map(({ type }) => type);

describe('what is purged', () => {
  it.each([
    [{ olderThanMs: 0 }, ['users', 'audit']],
    [{ olderThanMs: 3_600_000 }, []],
    [{ names: ['users.phone'] }, ['users']],
    [{ names: ['public.audit'] }, ['audit']],
    [{ names: ['table audit', 'column public.users.phone'] }, ['users', 'audit']],
    [{ names: ['audit'], olderThanMs: 3_600_000 }, []],
    [{ olderThanMs: 0, dryRun: true }, []],
  ])('with %j is %j', async (given, tables) => {
    await run(given);
    expect(gone()).toEqual(tables);
    expect(types().filter((type) => type === 'object.purged')).toHaveLength(tables.length);
  });

  it('is told with --dry-run without taking the lock', async () => {
    server.holdLock(HOLDER);
    const { purged, kept } = await run({ olderThanMs: 0, dryRun: true });
    expect([purged.length, kept.length]).toEqual([2, 0]);
    await expect(run({ olderThanMs: 0 })).rejects.toMatchObject({ code: 'SLIPWAY_LOCK_TIMEOUT' });
    expect(gone()).toEqual([]);
  });

  it.each([['phone'], ['users'], ['table users.phone'], ['a.b.c.d']])(
    'is not guessed: nothing hidden is called %s',
    async (name) => {
      await expect(run({ names: [name] })).rejects.toMatchObject({ code: 'SLIPWAY_USAGE' });
      expect(gone()).toEqual([]);
    },
  );
});

describe('when it goes wrong', () => {
  const fails = (kind: FailureKind, times = 1, sqlState = 'XX000') =>
    server.trap({
      operation: 'statement',
      match: /drop table/,
      times,
      act: () => {
        throw failure(kind, 'said no', { sqlState });
      },
    });

  it('tries again where a lock was not obtained', async () => {
    fails('lock-timeout', 2);
    await run({ olderThanMs: 0 });
    expect(types().filter((type) => type === 'revision.retrying')).toHaveLength(2);
    expect(gone()).toEqual(['users', 'audit']);
  });

  it.each([
    ['lock-timeout', 'SLIPWAY_OBJECT_LOCK_TIMEOUT', 23],
    ['privilege', 'SLIPWAY_PRIVILEGE_MISSING', 17],
    ['read-only', 'SLIPWAY_DB_READ_ONLY', 25],
    ['other', 'SLIPWAY_PURGE_FAILED', 12],
  ] as const)('%s ends it with %s, behind what is gone', async (kind, code, exitCode) => {
    fails(kind, 9);
    await expect(run({ olderThanMs: 0 })).rejects.toMatchObject({ code, exitCode });
    expect(gone()).toEqual(['users']);
    expect(server.state.log.filter(({ event }) => event === 'purge')).toHaveLength(1);
  });

  it('leaves the record as it is when the drop is rolled back', async () => {
    server.trap({
      operation: 'commit',
      act: () => {
        throw failure('connection-lost', 'gone');
      },
    });
    await expect(run({ olderThanMs: 0 })).rejects.toMatchObject({
      code: 'SLIPWAY_DB_CONNECTION_LOST',
    });
    expect(gone()).toEqual([]);
  });

  it('says what still uses it, and what was purged before', async () => {
    fails('other', 1, '2BP01');
    await expect(run({ olderThanMs: 0 })).rejects.toMatchObject({
      message: 'cannot purge table public.audit: said no',
      hint: expect.stringContaining('what depends on it'),
      details: { sqlState: '2BP01', revision: 'b', purged: ['column public.users.phone'] },
    });
  });
});
