/** Scripts of --sql, run by the real psql: the database is exactly as an online run leaves it. */

import { describe, expect, it } from 'vitest';
import {
  type Command,
  contentOf,
  online,
  psql,
  psqlProgram,
  scriptOf,
} from '../support/offline.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { CASES } from './offline.cases.ts';

describe.skipIf(psqlProgram === undefined)('a script leaves the database as an online run', () => {
  it.each(CASES)('with $title', async ({ release, commands = ['upgrade heads'], before, ways }) => {
    await using scripted = await createDatabase();
    await using migrated = await createDatabase();
    if (before !== undefined) {
      await query(scripted.url, before);
      await query(migrated.url, before);
    }
    for (const text of commands) {
      const [name, range = ''] = text.split(' ');
      const command = { name: name as Command['name'], range };
      const script = await scriptOf(release, command, ways);
      await online(migrated.url, release, command, ways);
      const { exitCode, stderr } = await psql(scripted.url, script);
      expect({ exitCode, stderr: stderr.replace(/^.*NOTICE.*\n/gm, '') }, text).toEqual({
        exitCode: 0,
        stderr: '',
      });
      expect(await contentOf(scripted.url, ways?.schema), text).toEqual(
        await contentOf(migrated.url, ways?.schema),
      );
    }
  });
});
