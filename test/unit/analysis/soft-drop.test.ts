/** What a soft drop does to data and to running code. */

import { describe, expect, it } from 'vitest';
import { prepareScript } from '../../../src/analysis/script.ts';
import { revision } from '../../support/graph.ts';

async function factsOf(up: string, section: 'up' | 'down' = 'up') {
  const drops = [...up.matchAll(/-- slipway:soft-drop (.*)/g)].map(([, object]) => object);
  const down = drops.map((object) => `-- slipway:soft-restore ${object}`).join('\n');
  const of = revision('b<-a', { up, down });
  const { statements } = await prepareScript(of, of[section] ?? of.up);
  return statements.map(({ facts }) => facts);
}

describe('a soft drop', () => {
  it('loses nothing, breaks the code before it, and locks the table and those around it', async () => {
    const [facts] = await factsOf('-- slipway:soft-drop column app.users.phone');
    const lock = { schema: 'app', name: 'users', mode: 'access exclusive', isNew: false };
    expect(facts).toEqual({
      dataLoss: [],
      compatibility: {
        verdict: 'no',
        reason: 'hides column app.users.phone, which code of the previous release may still use',
      },
      transactional: true,
      interruption: 'atomic',
      postcondition: {
        kind: 'object',
        type: 'table column',
        name: ['app', 'users', 'phone'],
        args: [],
        present: false,
      },
      locks: [
        { ...lock, target: 'relation' },
        { ...lock, target: 'tables of foreign keys' },
      ],
      work: [],
    });
  });

  it('is brought back without harm to anybody', async () => {
    const [facts] = await factsOf('-- slipway:soft-drop table audit', 'down');
    expect(facts).toMatchObject({
      compatibility: { verdict: 'yes', reason: 'brings table audit back' },
      dataLoss: [],
      postcondition: { type: 'table', name: ['audit'], present: true },
    });
  });

  it('of a table that is new in this release breaks nobody', async () => {
    const facts = await factsOf('create table audit (id int);\n-- slipway:soft-drop table audit');
    expect(facts[1]?.compatibility.verdict).toBe('yes');
    expect(facts[1]?.locks[0]?.isNew).toBe(true);
  });

  it('takes its name away: what has it next is another table', async () => {
    const hides = '-- slipway:soft-drop table audit\n';
    const created = 'create table audit (id int);\n';
    const drops = 'drop table audit;';
    expect((await factsOf(`${created}${hides}${drops}`))[2]?.compatibility.verdict).toBe('no');
    expect((await factsOf(`${hides}${created}${drops}`))[2]?.compatibility.verdict).toBe('yes');
  });

  it('takes a new column away, too', async () => {
    const facts = await factsOf(
      `alter table users add column phone text;
-- slipway:soft-drop column users.phone
alter table users alter column phone set not null;`,
    );
    const [, , alone] = facts;
    const [before] = await factsOf('alter table users alter column phone set not null;');
    expect(alone?.compatibility).toEqual(before?.compatibility);
  });
});
