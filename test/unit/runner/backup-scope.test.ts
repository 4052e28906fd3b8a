/** What has to be saved before statements run that lose data. */

import { describe, expect, it } from 'vitest';
import type { RevisionProgram } from '../../../src/core/program.ts';
import type { Script } from '../../../src/core/revision.ts';
import { losesData, scopeOf } from '../../../src/runner/backup-scope.ts';
import type { Step } from '../../../src/runner/step.ts';
import { revisionOf, scriptOf } from '../analysis/support.ts';

const NOTHING: Script = { statements: [], parsed: true };

async function step(sql: string, program?: RevisionProgram): Promise<Step> {
  return {
    revision: revisionOf(sql),
    direction: 'upgrade',
    script: await scriptOf(sql),
    verify: NOTHING,
    program,
    compatibility: { verdict: 'yes', reason: '' },
  };
}

/** The scope of `sections` in few words. */
async function scope(...sections: readonly string[]) {
  const { relations, objects, unknown } = scopeOf(
    await Promise.all(sections.map((sql) => step(sql))),
  );
  return [
    ...relations.map(({ schema, name, withReferring, mayBeRenamed }) =>
      [
        [schema, name].filter((part) => part !== undefined).join('.'),
        withReferring ? ' and what refers to it' : '',
        mayBeRenamed ? ' or another name' : '',
      ].join(''),
    ),
    ...objects.map(({ type, name }) => `${type} ${name.join('.')}`),
    ...unknown.map((text) => `all for ${text}`),
  ];
}

describe('what has to be saved', () => {
  it.each([
    ['alter table users drop column phone', ['users']],
    ['alter table app.users drop column phone, drop column fax', ['app.users']],
    ['drop table audit, app.old', ['audit', 'app.old']],
    ['drop table if exists audit cascade', ['audit']],
    ['truncate a, b', ['a', 'b']],
    ['truncate a cascade', ['a and what refers to it']],
    ['delete from users', ['users']],
    ['delete from users where true', ['users']],
    ['with gone as (delete from a returning 1) delete from b', ['b', 'a']],
    ["alter table users alter column phone type text using ''", ['users']],
    ['alter table users alter column name type text using left(name, 3)', ['users']],
    ['drop schema app cascade', ['schema app']],
    ['drop type mood cascade', ['type mood']],
    ['drop extension hstore cascade', ['extension hstore']],
    ['drop owned by intern', ['all for everything owned by intern']],
    ['alter table users add column age int', []],
    ['delete from users where id = 1', []],
    ['create table t (); drop table t', []],
  ])('%s', async (sql, expected) => {
    expect((await scope(`${sql};`)).toSorted()).toEqual([...expected].sort());
  });

  it('names each table once, and those of all revisions', async () => {
    expect(await scope('truncate a;', 'delete from a; drop table b;')).toEqual(['a', 'b']);
  });

  it('is looked for under another name where a statement before may have renamed it', async () => {
    expect(await scope('alter table a rename to b; drop table b;')).toEqual(['b or another name']);
    expect(await scope('do $$ begin end $$;', 'drop table b;')).toEqual(['b or another name']);
    expect(await scope('insert into a values (1);', 'drop table b;')).toEqual(['b']);
    const program: RevisionProgram = {
      up: async () => undefined,
      verify: undefined,
      down: undefined,
      locate: () => undefined,
    };
    const steps = [await step('', program), await step('drop table b;')];
    expect(scopeOf(steps).relations).toMatchObject([{ name: 'b', mayBeRenamed: true }]);
  });

  it('is nothing where nothing is lost', async () => {
    expect(losesData(await step('alter table a add column b int;'))).toBe(false);
    expect(losesData(await step('alter table a drop column b;'))).toBe(true);
  });
});
