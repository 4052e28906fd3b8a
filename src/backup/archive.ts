/** Reads what is in a dump, as pg_restore sees it. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MOST_LIST_BYTES = 512 * 1024 * 1024;

/**
 * Has pg_restore read the dump's table of contents and looks for the rows of these tables in it.
 * What is wrong in words; undefined when all is there.
 */
export async function missingFrom(
  restore: string,
  file: string,
  tables: readonly {
    readonly schema: string;
    readonly name: string;
    readonly hasRows: boolean;
  }[],
): Promise<string | undefined> {
  let list: string;
  try {
    const { stdout } = await promisify(execFile)(restore, ['--list', file], {
      env: { LC_ALL: 'C' },
      maxBuffer: MOST_LIST_BYTES,
    });
    list = stdout;
  } catch (error) {
    const [why = ''] = String((error as { readonly stderr?: unknown }).stderr ?? error).split('\n');
    return `the dump cannot be read: ${why}`;
  }
  const entries = new Set(list.split('\n').flatMap((line) => dataEntry(line) ?? []));
  for (const { schema, name, hasRows } of tables) {
    if (hasRows && !has(entries, oneLine(`${schema} ${name}`))) {
      return `the dump has no rows of table ${schema}.${name}`;
    }
  }
  return undefined;
}

/** `3345; 0 16388 TABLE DATA public users postgres` without what stands before the schema. */
function dataEntry(line: string): string | undefined {
  return /^\d+; \d+ \d+ TABLE DATA (.*)$/.exec(line)?.[1];
}

/** The owner stands behind the name, and both may have blanks in them. */
function has(entries: ReadonlySet<string>, named: string): boolean {
  for (const entry of entries) if (entry.startsWith(`${named} `)) return true;
  return false;
}

/** As pg_restore writes names with line breaks. */
function oneLine(name: string): string {
  return name.replaceAll(/[\r\n]/g, ' ');
}
