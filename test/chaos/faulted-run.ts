/** Runs the program, one or several at once, and makes one fault happen to them at its moment. */

import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import { lockKey } from '../../src/postgres/lock.ts';
import { type MessageProxy, type Moment, startMessageProxy } from '../support/message-proxy.ts';
import { type Arena, type PreparedSet, proxiedUrl } from './arena.ts';
import type { Fault, Hold } from './faults.ts';
import { type Run, type Running, startRun } from './process.ts';

/** What is run, and what goes wrong. */
export interface FaultedRun {
  readonly database: string;
  readonly args: readonly string[];
  readonly runners: number;
  readonly fault: Fault;
  /** The number of the message at which it happens; without it the fault has a time. */
  readonly message: number | undefined;
}

/** How the runs ended. */
export interface FaultedOutcome {
  readonly runs: readonly Run[];
  /** Which of them the fault was meant for, where it is meant for one. */
  readonly victim: number;
  /** Whether the moment came before the runs had ended. */
  readonly happened: boolean;
  /** Whether it came before the program had reached the database. */
  readonly early: boolean;
  /** The message at which it happened, in words. */
  readonly moment: string;
  /** Resolves when nothing of the fault goes on any more: what others hold outlasts the runs. */
  readonly over: Promise<void>;
}

/** Longer than every wait that a run is allowed. */
const RUN_LIMIT_MS = 100_000;

/** How long the server goes on to believe in clients that were swallowed with their network. */
const BELIEF_MS = 700;

/** Runs everything to its end. What a pod that is started next meets may still go on. */
export async function runWithFault(
  arena: Arena,
  prepared: PreparedSet,
  what: FaultedRun,
): Promise<FaultedOutcome> {
  const { fault, database } = what;
  const afterwards: Promise<unknown>[] = [];
  let moment: Moment | undefined;
  let happened = false;
  let early = false;
  let victim: Victim = { number: 0, backendPid: undefined };

  const strike = async (at: Moment | undefined, behindGate: boolean): Promise<void> => {
    moment = at;
    happened = runs.some(({ isRunning }) => isRunning);
    early = proxy.backends.length < what.runners;
    if (fault.hold !== undefined) {
      const holding = Promise.withResolvers<void>();
      afterwards.push(hold(arena, { database, fault, holding: holding.resolve }));
      await holding.promise;
    }
    const act = async () => {
      await setTimeout(fault.waitMs);
      // At a time of its own it meets whoever has come last.
      const last = proxy.backends.at(-1);
      const pid = at?.backendPid ?? last?.pid;
      victim = { number: runnerOf(at?.startup ?? last?.startup), backendPid: pid };
      await perform(fault, { arena, proxy, runs, victim });
    };
    if (behindGate && fault.hold === undefined) await act();
    else afterwards.push(act());
  };

  const proxy = await startMessageProxy(
    arena.server,
    what.message === undefined
      ? undefined
      : {
          at: what.message,
          passOnFirst: fault.passOnFirst,
          act: (at) => strike(at, true),
        },
  );
  const runs = Array.from({ length: what.runners }, (_, i) =>
    startRun({
      program: arena.program,
      args: what.args,
      cwd: prepared.folder,
      env: {
        ...prepared.environment,
        DATABASE_URL: proxiedUrl(arena, proxy, database),
        POD_NAME: podName(i),
      },
      limitMs: RUN_LIMIT_MS,
    }),
  );
  if ('afterMs' in fault.at) {
    afterwards.push(setTimeout(fault.at.afterMs).then(() => strike(undefined, false)));
  }
  const ended = await Promise.all(runs.map((run) => run.ended));
  const ending = async () => {
    // What is done afterwards may add to what is to be waited for.
    for (let next = afterwards.shift(); next !== undefined; next = afterwards.shift()) await next;
    if (fault.act === 'swallow') await setTimeout(BELIEF_MS);
    await proxy.stop();
  };
  const over = ending();
  // Whoever waits for it hears of its failure; nobody does so yet.
  over.catch(() => undefined);
  return { runs: ended, victim: victim.number, happened, early, moment: inWords(moment), over };
}

interface Stage {
  readonly arena: Arena;
  readonly proxy: MessageProxy;
  readonly runs: readonly Running[];
  readonly victim: Victim;
}

/** The runner that the fault is meant for, and the server process that works for it. */
interface Victim {
  readonly number: number;
  readonly backendPid: number | undefined;
}

async function perform(fault: Fault, { arena, proxy, runs, victim }: Stage): Promise<void> {
  const run = runs[victim.number];
  switch (fault.act) {
    case 'none':
      return;
    case 'kill':
      run?.kill('SIGKILL');
      await run?.ended;
      return;
    case 'sigterm':
      run?.kill('SIGTERM');
      return;
    case 'cut':
      return proxy.cut();
    case 'reset':
      return proxy.reset();
    case 'half-close':
      return proxy.halfClose();
    case 'delay':
      await setTimeout(fault.holdMs);
      return;
    case 'swallow':
      // The node is gone: nothing comes through, and after a while the pod is taken away.
      proxy.swallow();
      await setTimeout(100);
      for (const run of runs) run.kill(fault.passOnFirst ? 'SIGKILL' : 'SIGTERM');
      return;
    case 'terminate': {
      const pid = victim.backendPid;
      if (pid === undefined) return;
      // A server that an earlier fault has stopped has nobody to terminate.
      await arena
        .on('postgres', (client) => client.query('select pg_terminate_backend($1, 1000)', [pid]))
        .catch(() => undefined);
      return;
    }
    case 'crash':
      await arena.server.stop('immediate');
      await arena.server.start();
      return;
    default:
      return fault.act satisfies never;
  }
}

/** Another session takes something, keeps it for a while, and gives it back. */
async function hold(
  arena: Arena,
  what: { readonly database: string; readonly fault: Fault; readonly holding: () => void },
): Promise<void> {
  const { database, fault, holding } = what;
  try {
    await arena.on(database, async (client) => {
      await client.query("set application_name = 'chaos holder'; set lock_timeout = 300");
      await take(client, fault.hold ?? 'snapshot');
      holding();
      await setTimeout(fault.holdMs);
    });
  } catch {
    // What it wants is taken already, or the server was stopped: then nobody holds anything.
  } finally {
    holding();
  }
}

async function take(client: Client, what: Hold): Promise<void> {
  if (what === 'lock') {
    await client.query('select pg_try_advisory_lock($1::bigint)', [lockKey('slipway')]);
    return;
  }
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
     order by md5(relname || pg_current_wal_lsn()::text)
     limit 1`,
  );
  const name = rows[0]?.name ?? 'tally';
  await client.query('begin isolation level repeatable read');
  await client.query(
    what === 'table'
      ? `lock table ${name} in access exclusive mode`
      : `select from ${name} limit 1`,
  );
}

function runnerOf(startup: string | undefined): number {
  return Number(startup?.match(/pod-(\d+)/)?.[1] ?? 0);
}

function podName(index: number): string {
  return `pod-${index}`;
}

function inWords(moment: Moment | undefined): string {
  if (moment === undefined) return '';
  const { message, backendPid } = moment;
  const text = message.bytes
    .subarray(5, 205)
    .toString('latin1')
    .replaceAll(/[^ -~]+/g, ' ');
  return `${message.side} ${message.type} of server process ${backendPid}: ${text}`;
}
