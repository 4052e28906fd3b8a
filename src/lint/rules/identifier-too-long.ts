/** The rule about names that Postgres cuts off without a word. */

import { tagOf } from '../../analysis/tree.ts';
import type { Problem, Rule } from '../rule.ts';
import { placedNames } from '../word-place.ts';

/** NAMEDATALEN - 1 of every usual build. */
const LONGEST = 63;

/** What has neither is not looked at any closer: 16 characters of four bytes are too many already. */
const MAY_BE_LONG = /[\w$\u0080-\uffff]{16}|"/;

/** `identifier-too-long`. */
export const IDENTIFIER_TOO_LONG: Rule = {
  id: 'identifier-too-long',
  severity: 'warning',
  title: 'a name of more than 63 bytes, which Postgres cuts off',
  why: `Postgres keeps 63 bytes of a name and only says so in a notice. The object is then called otherwise than the file says; two long names that begin alike are the same; and a string with the whole name, as in \`to_regclass('…')\` or in a query on the catalog, finds nothing. Names outside of ASCII reach the limit sooner.`,
  instead: 'Write a shorter name. `--fix` writes what Postgres makes of it.',
  examples: [
    {
      bad: 'create table table_very_long_very_long_very_long_very_long_very_long_very_long (id bigint);',
      good: 'create table a_shorter_table_name (id bigint);',
    },
  ],
  covers: ['squawk:identifier-too-long'],
  statement({ statement, node }): readonly Problem[] {
    // Rows name nothing, and may be many. What is not parsed is not known to be SQL.
    if (node === undefined || ['InsertStmt', 'CopyStmt'].includes(tagOf(node))) return [];
    if (!MAY_BE_LONG.test(statement.text)) return [];
    const problems: Problem[] = [];
    for (const { start, end, name } of placedNames(statement.text)) {
      // A character takes four bytes at most.
      if (name.length <= LONGEST / 4 || byteLength(name) <= LONGEST) continue;
      const cut = truncated(name);
      const text = statement.text.startsWith('"', start) ? `"${cut.replaceAll('"', '""')}"` : cut;
      const offset = statement.offset + start;
      problems.push({
        message: `name ${name} has ${byteLength(name)} bytes, of which Postgres keeps ${LONGEST}`,
        at: offset,
        why: `The object is called ${cut} then.`,
        rewrite: text,
        fix: [{ offset, length: end - start, text }],
      });
    }
    return problems;
  },
};

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What Postgres keeps: never a part of a character. */
function truncated(name: string): string {
  let kept = '';
  let length = 0;
  for (const character of name) {
    length += byteLength(character);
    if (length > LONGEST) break;
    kept += character;
  }
  return kept;
}
