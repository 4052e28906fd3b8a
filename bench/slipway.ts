/** slipway as a pod runs it: the built program on the Node of the repository. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { type Command, cleanEnvironment, type Meter } from './measure.ts';
import { type SmallRevision, writeRevisions } from './workload.ts';

/** The commands of slipway that are measured. */
export interface Slipway {
  /** Writes the revisions and their release bundle below `dir`. */
  prepare(dir: string, revisions: readonly SmallRevision[]): Promise<Release>;
  /** Writes the revisions below `dir`. */
  write(dir: string, revisions: readonly SmallRevision[]): Promise<Folder>;
  /** Whether `upgrade` has the flag. */
  knows(flag: string): Promise<boolean>;
}

/** Revisions as people work on them. */
export interface Folder {
  lint(): Command;
  checkFiles(): Command;
}

/** Revisions in both forms that slipway reads. */
export interface Release {
  upgradeFromBundle(url: string, ...flags: readonly string[]): Command;
  upgradeFromDirectory(url: string): Command;
}

/** The rules that find something in the work of days. */
const FOUND = 'drop-table=warning unapproved-data-loss=warning index-not-concurrent=warning';

/** The program in `dist`; whatever uses it while it is not built fails. */
export function slipwayIn(dist: string, node: string, meter: Meter): Slipway {
  const program = join(dist, 'slipway.cjs');
  const command = (
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>> = {},
  ): Command => ({ argv: [node, program, ...args], cwd, env: cleanEnvironment(env) });

  return {
    prepare: async (dir, revisions) => {
      await assertBuilt(program);
      const migrations = join(dir, 'migrations');
      const bundle = join(dir, 'release.bundle');
      await writeRevisions(migrations, revisions);
      await meter.measure(command(['build', '--dir', migrations, '--out', bundle], dir));
      return {
        upgradeFromBundle: (url, ...flags) =>
          command(['upgrade', ...flags], dir, { DATABASE_URL: url, SLIPWAY_BUNDLE: bundle }),
        upgradeFromDirectory: (url) =>
          command(['upgrade', '--dir', migrations], dir, { DATABASE_URL: url }),
      };
    },
    write: async (dir, revisions) => {
      await assertBuilt(program);
      const migrations = join(dir, 'migrations');
      await writeRevisions(migrations, revisions);
      return {
        // What is found costs as much whatever it is called, and errors would end with 15.
        lint: () => command(['lint', '--dir', migrations], dir, { SLIPWAY_LINT_RULES: FOUND }),
        checkFiles: () => command(['check-files', '--dir', migrations], dir),
      };
    },
    knows: async (flag) => {
      await assertBuilt(program);
      const help = await meter.output(command(['upgrade', '--help'], dist));
      return help.includes(flag);
    },
  };
}

async function assertBuilt(program: string): Promise<void> {
  await access(program).catch((cause: unknown) => {
    throw new Error('dist/slipway.cjs is missing; run npm run build first', { cause });
  });
}
