/** What holds for any history and any range: its script does what the online run does. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../src/core/errors.ts';
import type { Revision } from '../../src/core/revision.ts';
import type { Release } from '../../src/runner/ports.ts';
import { releaseOf, revision, type Sections } from '../support/graph.ts';
import {
  type Command,
  contentOf,
  online,
  psql,
  psqlProgram,
  scriptOf,
} from '../support/offline.ts';
import { createDatabase } from '../support/postgres.ts';
import { type RandomNode, randomHistory } from '../support/random-graph.ts';

type Work = Sections & { readonly none?: boolean };

function plain(): Work {
  return {};
}

/** What the revision `id` may do; each way back undoes it. */
const KINDS: readonly ((id: string) => Work)[] = [
  plain,
  (id) => ({ up: '', down: '', verify: `select '${id}' <> '';` }),
  (id) => ({
    up: `create table ${id} (id int primary key);\ncreate view ${id}_v as select id from ${id}`,
    verify: `select count(*) = 0 from ${id}_v;`,
    down: `drop view ${id}_v; drop table ${id}`,
  }),
  (id) => ({
    up: `create table ${id} (id int, word text);\ncopy ${id} from stdin;\n1\t:${id}'\n\\.\n`,
    verify: `select word like '%''' from ${id};`,
  }),
  (id) => ({
    up: [
      `create table ${id} (id int);`,
      `-- slipway:only-if select to_regclass('r0') is null`,
      `insert into ${id} values (1);`,
      `-- slipway:only-if select to_regclass('r1') is not null`,
      `insert into ${id} values (2);`,
    ].join('\n'),
  }),
  (id) => ({
    none: true,
    up: `create table ${id} (id int);\ncreate index concurrently ${id}_i on ${id} (id);`,
    down: `drop index concurrently ${id}_i;\ndrop table ${id};`,
  }),
  (id) => ({
    up: `create function ${id}(a int[], n int) returns int[] language sql as $$select a[1:n]$$;`,
    down: `drop function ${id};`,
    header: ['lock-timeout 9s'],
  }),
];

const kinds = fc.array(
  fc.record({
    kind: fc.nat(KINDS.length - 1),
    compatible: fc.constantFrom('', ' compatible:yes', ' compatible:no'),
  }),
  { minLength: 9, maxLength: 9 },
);

const history = fc.tuple(randomHistory(9), kinds).map(([nodes, chosen]) =>
  nodes.map((node, i): Revision => {
    const { kind = 0, compatible = '' } = chosen[i] ?? {};
    const { none = false, ...sections } = (KINDS[kind] ?? plain)(node.id);
    return revision(drawingOf(node, `${compatible}${none ? ' transaction:none' : ''}`), sections);
  }),
);

function drawingOf({ id, revises, dependsOn, phase }: RandomNode, more: string): string {
  return `${id}<-${revises.join()} depends:${dependsOn.join()} phase:${phase}${more}`;
}

/** Does the command in one of the ways; the code of the error where it is refused. */
async function verdictOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof GraphError) return error.code;
    throw error;
  }
}

async function byScript(url: string, release: Release, command: Command): Promise<void> {
  const { exitCode, stderr } = await psql(url, await scriptOf(release, command));
  expect(exitCode, stderr).toBe(0);
}

describe.skipIf(psqlProgram === undefined)('the script of any range', () => {
  it('leaves the database as the online run does, or is refused as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.nat(99),
        fc.constantFrom('heads', 'base', '+1', '-1', '-2', 0, 1, 2, 3, 4, 5, 6, 7, 8),
        fc.constantFrom<Command['name']>('upgrade', 'upgrade', 'downgrade', 'stamp'),
        async (revisions, from, to, name) => {
          const release = releaseOf(...revisions);
          const id = (index: number): string => revisions[index % revisions.length]?.id ?? 'heads';
          const start = from % 3 === 0 ? 'heads' : id(from);
          const range = `${start}:${typeof to === 'string' ? to : id(to)}`;
          await using scripted = await createDatabase();
          await using migrated = await createDatabase();
          for (const command of [{ name: 'upgrade', range: start } as const, { name, range }]) {
            const offline = await verdictOf(byScript(scripted.url, release, command));
            expect(await verdictOf(online(migrated.url, release, command)), range).toBe(offline);
            // A refusal is noted in the log of a database, which a script never sees.
            if (offline !== 'done') return;
            expect(await contentOf(scripted.url), range).toEqual(await contentOf(migrated.url));
          }
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);
});
