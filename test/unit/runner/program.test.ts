/** TypeScript revisions: their functions run in the revision's transaction, and fail with their place. */

import { describe, expect, it } from 'vitest';
import type { RevisionDatabase, RevisionProgram } from '../../../src/core/program.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { revision } from '../../support/graph.ts';
import { errorOf, type World, world } from './support.ts';

const SOURCE = 'line one\nline two\nawait db.query(text);\n';

/** A TypeScript revision as the folder's reader makes it. */
function typescript(drawing: string, differing: Partial<Revision> = {}): Revision {
  const drawn = revision(drawing);
  const empty = { text: '', offset: 0, line: 1 };
  return {
    ...drawn,
    language: 'typescript',
    file: `migrations/${drawn.id}.ts`,
    source: SOURCE,
    up: empty,
    down: empty,
    ...differing,
  };
}

/** A program whose calls all stand on line 3. */
function programOf(functions: Partial<RevisionProgram>): RevisionProgram {
  return {
    up: async () => undefined,
    down: async () => undefined,
    verify: undefined,
    locate: () => ({ line: 3, column: 7 }),
    ...functions,
  };
}

function worldWith(functions: Partial<RevisionProgram>, differing: Partial<Revision> = {}): World {
  const program = programOf(functions);
  return world(['a', typescript('b<-a', differing)], { programs: new Map([['b', program]]) });
}

describe('a TypeScript revision', () => {
  it('runs its queries in order and is recorded with them', async () => {
    const run = worldWith({
      async up(db) {
        await db.query('create table b (id int)');
        const { rows } = await db.query<{ value: string }>('select $1::text as value', ['x']);
        await db.query(`create table c${rows[0]?.value} (id int)`);
      },
    });
    await run.upgrade();
    expect(run.objects).toEqual(['a', 'b', 'cx']);
    expect(run.server.state.rows.at(-1)).toMatchObject({
      id: 'b',
      file: 'migrations/b.ts',
      compatibility: { verdict: 'unknown' },
    });
    expect(run.surroundings.reporter.of('revision.applied').at(-1)).toMatchObject({
      revision: 'b',
      statements: 3,
    });
    expect(run.surroundings.reporter.of('statement.started').at(-1)).toMatchObject({
      location: 'migrations/b.ts:3:7',
      command: 'create table',
    });
  });

  it('is compatible where its header says so', async () => {
    const compatible = { verdict: 'yes', reason: 'only adds rows' } as const;
    const run = worldWith({}, { compatible });
    await run.upgrade();
    expect(run.server.state.rows.at(-1)?.compatibility).toEqual(compatible);
  });

  it('is rolled back with all it did when a query fails, and says where', async () => {
    const run = worldWith({
      async up(db) {
        await db.query('create table b (id int)');
        await db.query('select 1/0');
      },
    });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    expect(error.details).toMatchObject({
      file: 'migrations/b.ts',
      line: 3,
      column: 7,
      sqlState: '22012',
      rolledBack: true,
    });
    expect(String(error.details['excerpt'])).toContain('await db.query(text);');
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it.each([
    [
      'an error of its own',
      async () => {
        throw new TypeError('rows is not iterable');
      },
      'rows is not iterable',
    ],
    [
      'something that is no error',
      async () => {
        throw 'enough';
      },
      'enough',
    ],
    [
      'an error that hides what the server said',
      async (db: RevisionDatabase) => {
        await db.query('select 1/0').catch(() => {
          throw new Error('it did not work');
        });
      },
      'division by zero',
    ],
    [
      'a failed query that it passes over',
      async (db: RevisionDatabase) => {
        await db.query('select 1/0').catch(() => undefined);
      },
      'division by zero',
    ],
    [
      'a query that it does not wait for',
      async (db: RevisionDatabase) => {
        void db.query('create table b (id int)');
      },
      'without waiting',
    ],
    [
      'a commit',
      async (db: RevisionDatabase) => {
        await db.query('/* done */ commit');
      },
      'transaction control',
    ],
  ])('fails with %s', async (_, up, message) => {
    const run = worldWith({ up });
    const error = await errorOf(run.upgrade());
    expect(error.code).toBe('SLIPWAY_REVISION_FAILED');
    expect(error.message).toContain(message);
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it('cannot use its db once it has ended', async () => {
    let kept: RevisionDatabase | undefined;
    const run = worldWith({
      async up(db) {
        kept = db;
      },
    });
    await run.upgrade();
    await expect(kept?.query('drop table a')).rejects.toThrow('has ended');
    expect(run.objects).toEqual(['a']);
  });

  it.each([
    ['waits for something else', () => new Promise<void>(() => undefined)],
    [
      'asks again whatever comes back',
      async (db: RevisionDatabase) => {
        for (let i = 0; i < 100; i++) await db.query('select 1').catch(() => undefined);
        await new Promise<void>(() => undefined);
      },
    ],
  ])('that %s ends when the process is told to stop', async (_, forever) => {
    const run: World = worldWith({
      async up(db) {
        await db.query('create table b (id int)');
        run.surroundings.interrupt();
        await forever(db);
      },
    });
    const error = await errorOf(run.upgrade());
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_INTERRUPTED', 24]);
    expect(error.details).toMatchObject({ revision: 'b', rolledBack: true });
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it('verifies with a function, which may say no', async () => {
    const run = worldWith({ verify: async () => false });
    expect((await errorOf(run.upgrade())).code).toBe('SLIPWAY_VERIFY_FAILED');
    expect(run.applied).toEqual(['a']);
    const fine = worldWith({
      verify: async (db) => (await db.query('select true')).rowCount === 1,
    });
    await fine.upgrade();
    expect(fine.applied).toEqual(['a', 'b']);
  });

  it('goes back with the function of the file at hand', async () => {
    const run = worldWith({
      up: async (db) => void (await db.query('create table b (id int)')),
      down: async (db) => void (await db.query('drop table b')),
    });
    await run.upgrade();
    await run.downgrade('-1', { release: run.release });
    expect([run.applied, run.objects]).toEqual([['a'], ['a']]);
  });

  it('cannot go back where its file is not at hand, or is another one by now', async () => {
    const run = worldWith({});
    await run.upgrade();
    const without = await errorOf(run.downgrade('-1'));
    expect(without.code).toBe('SLIPWAY_NO_WAY_BACK');
    expect(without.message).toContain('migrations/b.ts');
    const changed = world(['a', typescript('b<-a', { checksum: 'f'.repeat(64) })], {
      server: run.server,
      programs: new Map([['b', programOf({})]]),
    });
    const error = await errorOf(changed.downgrade('-1', { release: changed.release }));
    expect(error.code).toBe('SLIPWAY_NO_WAY_BACK');
    expect(error.message).toContain('was changed');
    expect(run.applied).toEqual(['a', 'b']);
  });

  it('cannot go back where it is irreversible', async () => {
    const run = worldWith({}, { irreversible: 'the rows are gone' });
    await run.upgrade();
    const error = await errorOf(run.downgrade('-1', { release: run.release }));
    expect(error.message).toContain('the rows are gone');
  });
});
