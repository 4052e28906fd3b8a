import { describe, expect, it } from 'vitest';
import { nothingCreated } from '../../../src/analysis/created.ts';
import { prepareScript } from '../../../src/analysis/script.ts';
import { CHUNK_LENGTH } from '../../../src/sql/parse.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';

const revisionOf = (up: string) =>
  parseRevisionFile(
    `-- slipway:revision a1\n-- slipway:irreversible test\n-- slipway:up\n${up}`,
    'migrations/a1.sql',
  );
/** More than the parser looks at in one go. */
const FILLER = `insert into item values ('${'x'.repeat(1000)}');\n`.repeat(
  Math.ceil((2 * CHUNK_LENGTH) / 1000),
);

async function lossesAfter(section: string): Promise<readonly string[]> {
  const created = nothingCreated();
  const first = revisionOf(section);
  await prepareScript(first, first.up, created);
  const second = revisionOf('drop table item;');
  const { statements } = await prepareScript(second, second.up, created);
  return statements.flatMap(({ facts }) => facts.dataLoss);
}

describe('a section that is read in several pieces', () => {
  it('has its statements in order, each with its place', async () => {
    const revision = revisionOf(`create table item (a text);\n${FILLER}drop table item;`);
    const { parsed, statements } = await prepareScript(revision, revision.up);
    expect(parsed).toBe(true);
    expect(statements.at(-1)).toMatchObject({
      text: 'drop table item',
      line: statements.length + 3,
      column: 1,
    });
  });

  it('knows at its end what it created at its beginning', async () => {
    expect(await lossesAfter(`create table item (a text);\n${FILLER}`)).toEqual([]);
  });

  it('counts for nothing where a later piece is not understood', async () => {
    const section = `create table item (a text);\n${FILLER}selec 1;`;
    const revision = revisionOf(section);
    const { parsed, statements } = await prepareScript(revision, revision.up);
    expect({ parsed, count: statements.length }).toEqual({ parsed: false, count: 1 });
    expect(await lossesAfter(section)).toEqual(['table item']);
  });
});
