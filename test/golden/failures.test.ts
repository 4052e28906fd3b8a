/** What a person sees of a failed revision: on a terminal, in the log, in the pod's termination message. */

import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { failureOf } from '../support/cli.ts';
import { createPlace } from '../support/projects.ts';
import { normalise } from './normalise.ts';

const here = import.meta.dirname;
const entries = await readdir(here, { withFileTypes: true });
const cases = entries.filter(({ name }) => existsSync(join(here, name, 'migrations')));

/** The kubelet shares 12 KiB among the containers of a pod; slipway takes no more than this. */
const TERMINATION_LIMIT_BYTES = 1024;

describe('a failed revision', { concurrent: true }, () => {
  it.for(cases.map((entry) => entry.name))(
    'reads well: %s',
    { timeout: 60_000 },
    async (name, { expect }) => {
      const [pretty, json] = await Promise.all([createPlace(), createPlace()]);
      const folder = join(here, name);
      for (const { project } of [pretty, json]) {
        await cp(join(folder, 'migrations'), project.migrations, { recursive: true });
      }
      const message = json.project.path('termination-log');
      const [told, logged] = await Promise.all([
        pretty.run(['upgrade'], { env: { SLIPWAY_LOG_FORMAT: 'pretty' } }),
        json.run(['upgrade'], { env: { SLIPWAY_TERMINATION_LOG: message } }),
      ]);
      expect(told.exitCode).toBe(logged.exitCode);
      expect(told.stdout + logged.stdout).toBe('');
      const failure = failureOf(logged, 12, String(logged.log.at(-1)?.['code']));

      const known = (place: typeof json) => ({ root: place.project.root, url: place.url });
      const text = normalise(told.stderr, known(pretty));
      await expect(text).toMatchFileSnapshot(join(folder, 'terminal.txt'));
      const line = normalise(JSON.stringify(failure), known(json));
      await expect(`${JSON.stringify(JSON.parse(line), null, 2)}\n`).toMatchFileSnapshot(
        join(folder, 'log.txt'),
      );
      const termination = await readFile(message, 'utf8');
      expect(Buffer.byteLength(termination)).toBeLessThanOrEqual(TERMINATION_LIMIT_BYTES);
      await expect(normalise(termination, known(json))).toMatchFileSnapshot(
        join(folder, 'termination.txt'),
      );
    },
  );
});
