/** Adds to a refusal which statement it was: the archived file of the revision has it. */

import { compatibilityOf } from '../analysis/compatibility.ts';
import { MismatchError } from '../core/errors.ts';
import { parseRevisionFile } from '../sql/revision-file.ts';
import type { AppliedRevisions } from './ports.ts';

const STATEMENT_LENGTH = 160;

/** `error` with the place and the text of the statement that breaks the release, where it is known. */
export async function explainAhead(
  applied: Pick<AppliedRevisions, 'sources'>,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof MismatchError) || error.code !== 'SLIPWAY_SCHEMA_AHEAD') return error;
  const { revision, file } = error.details;
  const asked = { id: String(revision), file: String(file) };
  // What cannot be read back is left out: the refusal stands without it.
  const statement = await breakingStatement(applied, asked).catch(() => undefined);
  if (statement === undefined) return error;
  const { hint, cause } = error;
  return new MismatchError(error.code, error.message, {
    hint,
    cause,
    details: { ...error.details, statement },
  });
}

/** `migrations/2_drop.sql:7: alter table users drop column phone`. */
async function breakingStatement(
  applied: Pick<AppliedRevisions, 'sources'>,
  { id, file }: { readonly id: string; readonly file: string },
): Promise<string | undefined> {
  const source = (await applied.sources([id])).get(id);
  if (source === undefined) return undefined;
  const revision = parseRevisionFile(source, file);
  const { prepareScript } = await import('../analysis/script.ts');
  const { statement } = compatibilityOf(revision, await prepareScript(revision, revision.up));
  if (statement === undefined) return undefined;
  const flat = statement.text.replaceAll(/\s+/g, ' ');
  const cut = flat.length > STATEMENT_LENGTH ? `${flat.slice(0, STATEMENT_LENGTH - 1)}…` : flat;
  return `${file}:${statement.line}: ${cut}`;
}
