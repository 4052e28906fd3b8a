/** When a backup is made in a run, and what becomes of the run without it. */

import { describe, expect, it } from 'vitest';
import type { Backup } from '../../../src/core/backup.ts';
import { RunError } from '../../../src/core/errors.ts';
import { dangerBackup } from '../../../src/runner/danger-backup.ts';
import type { BackupRequest, Backups } from '../../../src/runner/ports.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, raise, type World, world } from './support.ts';

const APPROVED = { header: ['approve data-loss tested'] };
const loses = (drawing: string) =>
  revision(drawing, { ...APPROVED, up: 'alter table a drop column name;', down: 'select 1;' });

/** Backups that only remember what was asked of them, and what was applied at that time. */
function fakeBackups(run: () => World, fail?: 'prepare' | 'make') {
  const requests: (BackupRequest & { readonly applied: readonly string[] })[] = [];
  let prepared = 0;
  const failure = raise(new RunError('SLIPWAY_BACKUP_FAILED', 'no backup was made: disk full'));
  const backups: Backups = {
    async prepare() {
      prepared += 1;
      if (fail === 'prepare') failure();
    },
    async make(request) {
      requests.push({ ...request, applied: run().applied });
      if (fail === 'make') failure();
      return backupNamed(`${requests.length}.dump`);
    },
  };
  return {
    backups,
    requests,
    get prepared() {
      return prepared;
    },
  };
}

function backupNamed(name: string): Backup {
  return {
    ...{ name, path: `/backups/${name}`, bytes: 42, sha256: 'ab', tables: ['public.a'] },
    ...{ why: undefined, durationMs: 5, program: 'pg_dump 17.5' },
  };
}

/** A world in which `a` is applied and the other parts are pending. */
async function pending(...parts: Parameters<typeof world>[0]): Promise<World> {
  const before = world(['a']);
  await before.upgrade();
  return world(['a', ...parts], { server: before.server });
}

describe('a backup before danger', () => {
  it('is made right before the first revision that loses data, of all that the run loses', async () => {
    const run = await pending('b<-a', loses('c<-b'), 'd<-c', loses('e<-d'));
    const fake = fakeBackups(() => run);
    const backup = dangerBackup(fake.backups, 'hazards');
    expect((await run.upgrade({ backup })).outcome).toBe('done');
    expect(fake.requests).toMatchObject([{ revisions: ['c', 'e'], applied: ['a', 'b'] }]);
    expect(fake.requests[0]?.scope?.relations.map(({ name }) => name)).toContain('a');
    expect(backup.made.map(({ name }) => name)).toEqual(['1.dump']);
    expect(run.server.state.log.filter(({ event }) => event === 'backup')).toMatchObject([
      {
        revision: 'c',
        detail: { path: '/backups/1.dump', bytes: 42, sha256: 'ab', revisions: ['c', 'e'] },
      },
    ]);
  });

  it('is not made, and not even prepared, where nothing is lost', async () => {
    const run = await pending('b<-a');
    const fake = fakeBackups(() => run);
    await run.upgrade({ backup: dangerBackup(fake.backups, 'hazards') });
    expect([fake.prepared, fake.requests]).toEqual([0, []]);
  });

  it('is of the whole database before any revision where all are meant', async () => {
    const run = await pending('b<-a', 'c<-b');
    const fake = fakeBackups(() => run);
    await run.upgrade({ backup: dangerBackup(fake.backups, 'all') });
    expect(fake.requests).toMatchObject([{ revisions: ['b', 'c'], applied: ['a'] }]);
    expect(fake.requests[0]?.scope).toBeUndefined();
  });

  it('is made before the one transaction of them all', async () => {
    const run = await pending('b<-a', loses('c<-b'));
    const fake = fakeBackups(() => run);
    const backup = dangerBackup(fake.backups, 'hazards');
    await run.upgrade({ backup, limits: { single: true } });
    expect(fake.requests).toMatchObject([{ revisions: ['c'], applied: ['a'] }]);
  });

  it('is made before a downgrade', async () => {
    const run = await pending('b<-a');
    await run.upgrade();
    const fake = fakeBackups(() => run);
    await run.downgrade('base', { backup: dangerBackup(fake.backups, 'hazards') });
    expect(fake.requests).toMatchObject([{ revisions: ['b', 'a'], applied: ['a', 'b'] }]);
  });

  it('that cannot be prepared keeps everything from running', async () => {
    const run = await pending('b<-a', loses('c<-b'));
    const fake = fakeBackups(() => run, 'prepare');
    const error = await errorOf(run.upgrade({ backup: dangerBackup(fake.backups, 'hazards') }));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_BACKUP_FAILED', 13]);
    expect(run.applied).toEqual(['a']);
  });

  it('that fails keeps what loses data from running, and is in the audit log', async () => {
    const run = await pending('b<-a', loses('c<-b'), 'd<-c');
    const fake = fakeBackups(() => run, 'make');
    const error = await errorOf(run.upgrade({ backup: dangerBackup(fake.backups, 'hazards') }));
    expect(error.code).toBe('SLIPWAY_BACKUP_FAILED');
    expect(run.applied).toEqual(['a', 'b']);
    expect(run.server.state.log.at(-1)).toMatchObject({
      event: 'failure',
      detail: { code: 'SLIPWAY_BACKUP_FAILED' },
    });
  });

  it('is made once for each revision, however often a run begins', async () => {
    const run = await pending(loses('b<-a'), loses('c<-b'));
    const fake = fakeBackups(() => run);
    const backup = dangerBackup(fake.backups, 'hazards');
    await run.upgrade({ backup, target: '+1' });
    await run.upgrade({ backup });
    expect(fake.requests.map(({ revisions }) => revisions)).toEqual([['b'], ['c']]);
  });
});
