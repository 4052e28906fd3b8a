/** Turns a section of a revision into a script: its statements, each with what is known of it. */

import type { Revision, Script, Section } from '../core/revision.ts';
import { CHUNK_LENGTH } from '../sql/parse.ts';
import { readSection } from '../sql/statements.ts';
import { type CreatedObjects, forgetTemporary, nothingCreated, restorable } from './created.ts';
import { factsOf } from './facts.ts';
import { recordCreated, recordUncertain } from './record-created.ts';

/**
 * Reads `section` of `revision`. What it creates is added to `created`, so that the scripts of one
 * release, prepared in their order with the same `created`, know what is new in it.
 */
export async function prepareScript(
  revision: Pick<Revision, 'file' | 'source' | 'transaction'>,
  section: Section,
  created: CreatedObjects = nothingCreated(),
): Promise<Script> {
  const { searchPath } = created;
  const restart = restorable(created, section.text.length > CHUNK_LENGTH);
  const { statements, parsed } = await readSection(revision, section, {
    read({ node, ...statement }) {
      const facts = factsOf({ node, text: statement.text }, { created });
      if (node === undefined || statement.onlyIf !== undefined) recordUncertain(node, created);
      else recordCreated(node, created);
      if (revision.transaction === 'none') forgetTemporary(created);
      return { ...statement, facts };
    },
    restart,
  });
  forgetTemporary(created);
  // A search_path set in this script may or may not outlive its transaction.
  if (created.searchPath !== searchPath) created.searchPath += 1;
  return { statements, parsed };
}
