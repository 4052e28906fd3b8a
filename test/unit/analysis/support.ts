/** Builds scripts from bare SQL, through the real file parser and the real splitter. */

import type { CreatedObjects } from '../../../src/analysis/created.ts';
import { prepareScript } from '../../../src/analysis/script.ts';
import type { Revision, Script, StatementFacts } from '../../../src/core/revision.ts';
import { parseRevisionFile } from '../../../src/sql/revision-file.ts';

/** A revision whose up section is `sql`; `header` adds header lines, each with its key. */
export function revisionOf(sql: string, header: readonly string[] = []): Revision {
  const lines = ['revision r1', ...header].map((line) => `-- slipway:${line}`);
  const text = [...lines, '', '-- slipway:up', sql, '', '-- slipway:down', ''].join('\n');
  return parseRevisionFile(text, 'r1.sql');
}

/** The script of an up section. */
export function scriptOf(sql: string, created?: CreatedObjects): Promise<Script> {
  const revision = revisionOf(sql);
  return prepareScript(revision, revision.up, created);
}

/** Facts about the last statement of `sql`. */
export async function factsOfLast(sql: string): Promise<StatementFacts> {
  const script = await scriptOf(sql);
  const last = script.statements.at(-1);
  if (last === undefined || !script.parsed) throw new Error(`not understood: ${sql}`);
  return last.facts;
}
