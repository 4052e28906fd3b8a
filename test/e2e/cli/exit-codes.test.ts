/** Every documented exit code, provoked for real, with its error code, its hint and a silent stdout. */

import { describe, expect, it } from 'vitest';
import { failureOf, type LogLine, type Outcome, slipway } from '../../support/cli.ts';
import { createPlace, placeAt } from '../../support/projects.ts';
import {
  ahead,
  broken,
  column,
  diverged,
  edited,
  halfApplied,
  interrupted,
  locked,
  notTheOwner,
  objectLocked,
  placeBehind,
  rejects,
  renamed,
  table,
  throwsFromTimer,
  upgrade,
  withoutRights,
} from './exit-codes.scenarios.ts';

interface Case {
  readonly exit: number;
  readonly code: string;
  readonly when: string;
  readonly provoke: () => Promise<Outcome>;
  readonly also?: (failure: LogLine) => void;
}

const cases: readonly Case[] = [
  {
    exit: 10,
    code: 'SLIPWAY_USAGE',
    when: 'a flag does not exist',
    provoke: () => slipway(['upgrade', '--dri-run']),
    also: (failure) => expect(failure['next']).toMatch(/--dry-run/),
  },
  {
    exit: 10,
    code: 'SLIPWAY_CONFIG_INVALID',
    when: 'a setting has no sense',
    provoke: () => slipway(['upgrade'], { env: { SLIPWAY_LOCK_WAIT: 'soon' } }),
    also: (failure) => expect(failure.msg).toMatch(/SLIPWAY_LOCK_WAIT/),
  },
  {
    exit: 10,
    code: 'SLIPWAY_CONNECTION_SETTINGS',
    when: 'the URL is none',
    provoke: async () =>
      upgrade(placeAt((await createPlace(table)).project, 'mysql://127.0.0.1/shop')),
  },
  {
    exit: 11,
    code: 'SLIPWAY_FILE_MALFORMED',
    when: 'a file has an unknown directive',
    provoke: async () => upgrade(await createPlace({ ...table, header: ['tranasction none'] })),
    also: (failure) => {
      expect(failure.msg).toMatch(/_r1\.sql:2:\d+/);
      expect(failure['next']).toMatch(/transaction/);
    },
  },
  {
    exit: 11,
    code: 'SLIPWAY_APPLIED_CHECKSUM_CHANGED',
    when: 'an applied file was edited',
    provoke: edited,
    also: (failure) => expect(failure).toMatchObject({ revision: 'r1' }),
  },
  {
    exit: 11,
    code: 'SLIPWAY_HISTORY_DIVERGED',
    when: 'database and files each have what the other lacks',
    provoke: diverged,
    also: (failure) => expect(failure).toMatchObject({ unknown: ['r2'], pending: ['x2'] }),
  },
  {
    exit: 12,
    code: 'SLIPWAY_REVISION_FAILED',
    when: 'a statement fails',
    provoke: async () => upgrade(await createPlace(table, { id: 'r2', up: 'select 1 / 0;' })),
    also: (failure) =>
      expect(failure).toMatchObject({
        sqlState: '22012',
        rolledBack: true,
        finished: ['r1'],
        heads: ['r1'],
      }),
  },
  {
    exit: 12,
    code: 'SLIPWAY_VERIFY_FAILED',
    when: 'a revision does not verify',
    provoke: async () =>
      upgrade(await createPlace({ ...table, verify: 'select count(*) > 5 from account;' })),
  },
  {
    exit: 13,
    code: 'SLIPWAY_HAZARD_REFUSED',
    when: 'policy refuses a breaking change',
    provoke: async () => upgrade(await placeBehind(renamed), { SLIPWAY_HAZARDS: 'refuse' }),
  },
  {
    exit: 14,
    code: 'SLIPWAY_SCHEMA_AHEAD',
    when: 'the database is ahead and breaks this release',
    provoke: () => ahead({}, renamed),
    also: (failure) => expect(failure).toMatchObject({ revision: 'r2', unknown: ['r2'] }),
  },
  {
    exit: 15,
    code: 'SLIPWAY_CHECK_PENDING',
    when: 'the check for heads says no',
    provoke: async () => {
      const place = await createPlace(table);
      return place.run(['current', '--check-heads']);
    },
  },
  {
    exit: 16,
    code: 'SLIPWAY_NEEDS_APPROVAL',
    when: 'data would be lost',
    provoke: async () => upgrade(await placeBehind({ id: 'r2', up: 'drop table account;' })),
    also: (failure) => expect(failure['next']).toMatch(/approve data-loss/),
  },
  {
    exit: 17,
    code: 'SLIPWAY_PRIVILEGE_MISSING',
    when: 'the role may not create the history schema',
    provoke: withoutRights,
  },
  {
    exit: 17,
    code: 'SLIPWAY_PRIVILEGE_MISSING',
    when: 'the role does not own the table',
    provoke: notTheOwner,
    also: (failure) => expect(failure).toMatchObject({ revision: 'r1', sqlState: '42501' }),
  },
  {
    exit: 20,
    code: 'SLIPWAY_DB_UNREACHABLE',
    when: 'nobody listens',
    provoke: async () => {
      const { project } = await createPlace(table);
      return upgrade(placeAt(project, 'postgres://app@127.0.0.1:1/shop'), {
        SLIPWAY_CONNECT_TIMEOUT: '300ms',
      });
    },
  },
  {
    exit: 21,
    code: 'SLIPWAY_DB_MISSING',
    when: 'the database does not exist',
    provoke: async () => {
      const place = await createPlace(table);
      return upgrade(placeAt(place.project, place.url.replace(/[^/]+$/, 'nowhere')));
    },
  },
  {
    exit: 22,
    code: 'SLIPWAY_LOCK_TIMEOUT',
    when: 'another runner holds the migration lock',
    provoke: locked,
    also: (failure) => {
      expect(failure.msg).toMatch(/pod prod\/shop-7d9c \(pid \d+/);
      expect(failure).toMatchObject({ holder: { pod: 'prod/shop-7d9c' } });
    },
  },
  {
    exit: 23,
    code: 'SLIPWAY_OBJECT_LOCK_TIMEOUT',
    when: 'a session that idles in a transaction holds the table',
    provoke: objectLocked,
    also: (failure) => {
      expect(failure.msg).toMatch(/pod prod\/report-5f7b \(pid \d+, idle in transaction/);
      expect(failure).toMatchObject({
        revision: 'r2',
        rolledBack: true,
        blockers: [{ pod: 'prod/report-5f7b', state: 'idle in transaction' }],
      });
    },
  },
  {
    exit: 24,
    code: 'SLIPWAY_INTERRUPTED',
    when: 'it is told to stop',
    provoke: interrupted,
  },
  {
    exit: 25,
    code: 'SLIPWAY_DB_READ_ONLY',
    when: 'no host takes writes',
    provoke: async () => {
      const place = await createPlace(table);
      await place.query(`alter database ${place.database} set default_transaction_read_only = on`);
      return upgrade(place, {
        PGTARGETSESSIONATTRS: 'read-write',
        SLIPWAY_CONNECT_TIMEOUT: '300ms',
      });
    },
  },
  {
    exit: 30,
    code: 'SLIPWAY_REVISION_AMBIGUOUS',
    when: 'it was killed in a statement that leaves no evidence',
    provoke: halfApplied,
    also: (failure) => {
      expect(failure).toMatchObject({ revision: 'r2', ordinal: 1, of: 1 });
      expect(failure['statement']).toBe('call pay()');
      expect(failure['next']).toMatch(/slipway:idempotent/);
    },
  },
  {
    exit: 70,
    code: 'SLIPWAY_INTERNAL',
    when: 'something inside throws what nobody foresaw',
    provoke: () => broken(rejects),
    also: (failure) => expect(failure.msg).toMatch(/TypeError: nobody foresaw this/),
  },
  {
    exit: 70,
    code: 'SLIPWAY_INTERNAL',
    when: 'a timer throws what nobody foresaw',
    provoke: () => broken(throwsFromTimer),
    also: (failure) => expect(failure.msg).toMatch(/RangeError: nobody foresaw this/),
  },
];

describe('exit codes of failures', { concurrent: true }, () => {
  it.each(cases)('$exit $code when $when', async ({ exit, code, provoke, also }) => {
    const outcome = await provoke();
    const failure = failureOf(outcome, exit, code);
    expect(failure['next']).toMatch(/^(?:[A-Z"]|slipway ).+[.?]$/);
    expect(outcome.stdout).toBe('');
    also?.(failure);
  });
});

describe('exit code 0', { concurrent: true }, () => {
  it('comes when revisions were applied, and again when there is nothing to do', async () => {
    const place = await createPlace(table, column);
    const first = await upgrade(place);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.log.at(-1)).toMatchObject({
      event: 'run.finished',
      outcome: 'done',
      applied: 2,
      heads: ['r2'],
    });
    const second = await upgrade(place);
    expect(second.exitCode).toBe(0);
    expect(second.log.at(-1)).toMatchObject({ event: 'run.finished', outcome: 'nothing-to-do' });
    expect(first.stdout + second.stdout).toBe('');
  });

  it('comes when the database is ahead and compatible', async () => {
    const outcome = await ahead({}, column);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({
        event: 'schema.ahead',
        level: 'warn',
        policy: 'compatible',
        unknown: ['r2'],
      }),
    );
  });

  it('comes when the database is ahead, breaks this release and that is ignored', async () => {
    const outcome = await ahead({ SLIPWAY_ON_AHEAD: 'ignore' }, renamed);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.log).toContainEqual(
      expect.objectContaining({ event: 'schema.ahead', policy: 'ignored' }),
    );
  });
});
