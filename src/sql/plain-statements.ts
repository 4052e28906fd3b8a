/** Cuts a plain SQL file, which is no revision, into statements. */

import { fileError } from './file-error.ts';
import { splitSection } from './statements.ts';

/**
 * The texts of the statements in `source`, the content of `file`.
 * @throws RevisionFileError `SLIPWAY_SQL_SYNTAX`, `SLIPWAY_TRANSACTION_CONTROL`; `SLIPWAY_FILE_MALFORMED`
 * for rows behind a copy
 */
export async function statementsOf(source: string, file: string): Promise<readonly string[]> {
  const section = { text: source, offset: 0, line: 1 };
  const { statements } = await splitSection({ id: file, file, source }, section);
  for (const { copyData, offset } of statements) {
    if (copyData === undefined) continue;
    throw fileError(
      { source, file },
      {
        offset,
        problem: 'rows behind a copy are not read here',
        hint: 'write them as insert statements',
      },
    );
  }
  return statements.map(({ text }) => text);
}
