/** When slipway's own statements fail: no bug of slipway, and told as what it is. */

import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/cli.ts';
import { createUpgraded, placeAt } from '../../support/projects.ts';

const TABLE = { id: 'r1', up: 'create table t (a int);', down: 'drop table t;' };

describe('the history schema', () => {
  it('that refuses a row is told with the words of the server, and nothing is stamped', async () => {
    const place = await createUpgraded(TABLE);
    await place.query(`create function slipway.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no room' using errcode = '53100'; end $$`);
    await place.query(`create trigger refuse before insert on slipway.log
      for each row execute function slipway.refuse()`);
    const outcome = await place.run(['stamp', 'base']);
    const failure = failureOf(outcome, 12, 'SLIPWAY_HISTORY_FAILED');
    expect(failure).toMatchObject({ sqlState: '53100', msg: expect.stringContaining('no room') });
    expect(await place.query('select id from slipway.revision')).toEqual([{ id: 'r1' }]);
  });

  it('that somebody keeps locked is a reason to try again later', async () => {
    const place = await createUpgraded(TABLE);
    const role = `hurried_${place.database}`;
    await place.query(`create role ${role} superuser login`);
    await place.query(`alter role ${role} set statement_timeout = '200ms'`);
    const url = new URL(place.url);
    url.username = role;
    const holder = new Client({ connectionString: place.url });
    await holder.connect();
    await holder.query('begin; lock table slipway.summary');
    try {
      const outcome = await placeAt(place.project, url.href).run(['status']);
      failureOf(outcome, 23, 'SLIPWAY_OBJECT_LOCK_TIMEOUT');
    } finally {
      await holder.end();
    }
  });
});
