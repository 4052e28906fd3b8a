/** The guard of a server: a shell that outlives us by a moment, stops what we left running and removes its files. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Account, cannotRun, environment } from './binaries.ts';

/** Watches over one run directory until it is released or this process is gone, however it went. */
export interface Guard {
  /** Names the server to stop, or that there is none. */
  watch(server: ChildProcess | undefined): void;
  /** Stops what is watched, removes the directory, and waits until that is done. */
  release(): Promise<void>;
}

/**
 * The kernel closes our end of the pipe even on `kill -9`: the end of its input is what the guard
 * waits for. A copy that was under way may add a file while it removes them, hence the second
 * try. It runs in a session of its own, out of reach of Ctrl-C and of signals to our group.
 */
const script = `
trap '' HUP INT TERM
server=
while read -r line; do server=$line; done
if [ -n "$server" ] && kill -QUIT "$server"; then
  tries=0
  while [ $tries -lt 50 ] && [ -e "$1/data/postmaster.pid" ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`;

/** Starts the guard of a directory, as the account that owns it. */
export async function startGuard(directory: string, account: Account): Promise<Guard> {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    ...account.spawnAs,
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(shell, 'spawn').catch((cause: unknown) => {
    throw cannotRun('/bin/sh', cause);
  });
  const gone = once(shell, 'exit');
  // A guard that somebody killed cannot be told anything; stopping the server does not depend on it.
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return {
    watch: (server) => {
      shell.stdin.write(`${server?.pid ?? ''}\n`);
    },
    release: async () => {
      shell.ref();
      shell.stdin.end();
      await gone;
    },
  };
}
