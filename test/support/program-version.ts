/** Asks programs of Postgres for their version. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The major version of a program; undefined where it cannot be run. */
export async function majorOf(file: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version']);
    const [, major] = /\(PostgreSQL\) (\d+)/.exec(stdout) ?? [];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}
