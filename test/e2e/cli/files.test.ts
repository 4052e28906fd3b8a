/** The files that others watch: the ready file, and the pod's termination message. */

import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, serverRuns, until } from '../../support/cli.ts';
import { createPlace, createUpgraded } from '../../support/projects.ts';

const LIMIT_BYTES = 1024;

describe('the ready file', { concurrent: true }, () => {
  it('is written when the schema is ready, also when there was nothing to do', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t ();' });
    for (const name of ['first', 'second']) {
      const path = place.project.path(name);
      await place.succeed(['upgrade'], { env: { SLIPWAY_READY_FILE: path } });
      expect(await readFile(path, 'utf8')).toBe('r1\n');
    }
    expect((await readdir(place.project.root)).sort()).toEqual(['first', 'migrations', 'second']);
  });

  it('is not written by a run that fails, nor by a dry run', async () => {
    const place = await createPlace({ id: 'r1', up: 'select 1 / 0;' });
    const env = { SLIPWAY_READY_FILE: place.project.path('ready') };
    await place.run(['upgrade'], { env });
    await place.run(['upgrade', '--dry-run'], { env });
    expect(await readdir(place.project.root)).toEqual(['migrations']);
  });

  it('that cannot be written fails the run, because somebody waits for it', async () => {
    const place = await createUpgraded({ id: 'r1', up: 'create table t ();' });
    const outcome = await place.run(['upgrade', '--ready-file', '/nonexistent/ready']);
    expect(failureOf(outcome, 10, 'SLIPWAY_CONFIG_INVALID').msg).toMatch('/nonexistent/ready');
  });
});

describe('the termination message', { concurrent: true }, () => {
  it('says early what is going on, and at the end how it went', async () => {
    const place = await createPlace(
      { id: 'r1', message: 'Add speed', up: 'create table gate (open boolean);' },
      {
        id: 'r2',
        message: '느린 변경',
        up: `do $$ begin
  while not exists (select from gate where open) loop perform pg_sleep(0.02); end loop;
end $$;`,
      },
    );
    await place.succeed(['upgrade', '+1']);
    const path = place.project.path('message');
    const waitingPath = place.project.path('waiting');
    const run = place.start(['upgrade'], {
      env: { SLIPWAY_TERMINATION_LOG: path, POD_NAME: 'shop-1' },
    });
    await serverRuns(place.url, '%pg_sleep%');
    expect(await readFile(path, 'utf8')).toBe('running revision 1 of 1: r2 느린 변경\n');
    const waiter = place.start(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: waitingPath } });
    await until(async () =>
      expect(await readFile(waitingPath, 'utf8')).toMatch(
        /^waiting for the migration lock, held by default\/shop-1 \(pid \d+\)\n$/,
      ),
    );
    await place.query('insert into gate values (true)');
    expect((await run.ended).exitCode).toBe(0);
    expect(await readFile(path, 'utf8')).toMatch(
      /^upgrade: 1 done in .+; the database is at r2\n$/,
    );
    expect((await waiter.ended).exitCode).toBe(0);
    expect(await readFile(waitingPath, 'utf8')).toBe(
      'upgrade: nothing to do; the database is at r2\n',
    );
  });

  it('keeps the headline, the state and the next step when the server says very much', async () => {
    const place = await createPlace({
      id: 'r1',
      message: '긴 오류',
      up: `do $$ begin
  raise exception 'short' using detail = repeat('가나다라마바사 ', 400), hint = repeat('힌트 ', 400);
end $$;`,
    });
    const path = place.project.path('message');
    await place.run(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: path } });
    const message = await readFile(path);
    expect(message.length).toBeLessThanOrEqual(LIMIT_BYTES);
    const text = message.toString();
    expect(text).not.toMatch('\ufffd');
    expect(text).toMatch(/^SLIPWAY_REVISION_FAILED \(exit 12\): revision "r1" failed/);
    expect(text).toMatch('rolled back');
    expect(text).toMatch(/^next: /m);
  });

  it('that cannot be written fails nothing', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t ();' });
    await place.succeed(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: '/nonexistent/message' } });
  });

  it('is written for failures before the database is reached', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table t ();', header: ['nonsense'] });
    const path = place.project.path('message');
    await place.run(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: path } });
    expect(await readFile(path, 'utf8')).toMatch(/^SLIPWAY_FILE_MALFORMED \(exit 11\)/);
  });
});
