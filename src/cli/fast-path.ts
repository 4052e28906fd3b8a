/**
 * What a pod restart does: connect, read one row, compare it with the bundle's first line. Nothing
 * else is loaded when there is nothing to do.
 */

import { DatabaseFailure } from '../core/database-failure.ts';
import { MismatchError } from '../core/errors.ts';
import { isServedBy } from '../core/release.ts';
import { readHeader } from '../files/bundle-header.ts';
import { becomeProgram, findProgram } from './become-program.ts';
import type { Edge } from './edge.ts';
import { finish } from './finish.ts';
import { openConnection } from './open-connection.ts';
import { type Call, perform } from './perform.ts';
import type { QuickArguments } from './quick-arguments.ts';
import type { RunContext } from './run-context.ts';

/** The exit code; undefined when there is more to do than this file can. */
export async function takeFastPath(edge: Edge, args: QuickArguments): Promise<number | undefined> {
  if (args.target !== undefined) return undefined;
  let finished = false;
  const call: Call = {
    name: args.command,
    flags: args.flags,
    translate: (error) => error,
    warnings: false,
  };
  const exitCode = await perform(edge, call, async (run) => {
    const file = args.command === 'run' ? findProgram(args.program[0] ?? '', edge) : undefined;
    finished = await nothingToDo(run, args);
    return finished && file !== undefined ? becomeProgram(file, args.program, edge) : undefined;
  });
  return finished || exitCode !== 0 ? exitCode : undefined;
}

async function nothingToDo(run: RunContext, args: QuickArguments): Promise<boolean> {
  const { settings } = run;
  if (settings.bundle === undefined) return false;
  const { identity } = readHeader(settings.bundle);
  const { session, summary } = await openConnection(run, settings.url?.reveal()).catch(leaveToAll);
  if (session === undefined) return false;
  await session.close();
  if (!isServedBy(identity, summary, settings.phase)) return false;
  finish(
    run,
    args.command,
    { outcome: 'nothing-to-do', heads: summary?.heads ?? [], revisions: [] },
    { json: args.json, ready: true },
  );
  return true;
}

/** A history that cannot be read is explained by the full program, which asks again. */
function leaveToAll(error: unknown): { session: undefined; summary: undefined } {
  if (error instanceof DatabaseFailure || error instanceof MismatchError) {
    return { session: undefined, summary: undefined };
  }
  throw error;
}
