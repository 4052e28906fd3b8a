/** `slipway init`: the files that a project begins with. */

import { join } from 'node:path';
import { scaffold } from '../../authoring/scaffold.ts';
import { writeIfAbsent } from '../../files/write.ts';
import type { CommandOptions } from '../command-spec.ts';
import type { RunContext } from '../run-context.ts';

/** Writes what is missing and names what was there. */
export async function initCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const written: string[] = [];
  const kept: string[] = [];
  for (const { path, content } of scaffold(run.settings.dir)) {
    const fresh = await writeIfAbsent(join(run.edge.cwd, path), content);
    (fresh ? written : kept).push(path);
  }
  if (options['json'] === true) {
    run.edge.print(`${JSON.stringify({ written, kept })}\n`);
    return;
  }
  run.edge.print(
    [
      ...written.map((path) => `wrote  ${path}`),
      ...kept.map((path) => `kept   ${path}`),
      '',
      'Next: slipway revision -m "create users"',
      '',
    ].join('\n'),
  );
}
