/** One case from its beginning to its verdict. */

import {
  type Arena,
  directUrl,
  downgradeTo,
  EMPTY_DATABASE,
  type PreparedSet,
  type Reference,
} from './arena.ts';
import { runWithFault } from './faulted-run.ts';
import { type Act, type CasePlan, describeFault, type Fault, type Operation } from './faults.ts';
import { type Done, databaseFaults, exitFaults, NEEDS_A_PERSON } from './judge.ts';
import { type Run, startRun } from './process.ts';

/** How a case ended. */
export interface Verdict {
  readonly plan: CasePlan;
  /** `person`: it waits for a person, and rightly so. */
  readonly outcome: 'converged' | 'person' | 'failed';
  readonly complaints: readonly string[];
  /** Every fault in words, and every run that there was. */
  readonly story: readonly string[];
  readonly runs: readonly Run[];
  /** Whether all faults happened while something ran. */
  readonly happened: boolean;
}

/** How often a pod may be started again before the case counts as stuck. */
const RESTARTS = 4;

/** Faults that are meant for one of several runners; the others must not notice. */
const FOR_ONE: ReadonlySet<Act> = new Set(['kill', 'sigterm', 'terminate']);

const RESTART_LIMIT_MS = 100_000;

interface Course {
  readonly start: 'empty' | 'upgraded' | 'downgraded';
  readonly end: 'upgraded' | 'downgraded';
  /** The arguments of the first run, and of those after it. */
  readonly first: readonly string[];
  readonly next: readonly string[];
}

/** Carries out a case and judges it. */
export async function runCase(
  arena: Arena,
  prepared: PreparedSet,
  plan: CasePlan,
): Promise<Verdict> {
  const course = courseOf(plan.operation, prepared.downTarget);
  const start = course.start === 'empty' ? EMPTY_DATABASE : prepared[course.start].database;
  const database = await arena.clone(start);
  const story: string[] = [];
  const complaints: string[] = [];
  const runs: Run[] = [];
  const over: Promise<void>[] = [];
  let happened = true;
  let needsPerson = false;

  const took = (run: Run, done: Done): void => {
    runs.push(run);
    story.push(`${run.args.join(' ')}: ${run.signal ?? `exit ${run.exitCode}`}`);
    if (run.exitCode === NEEDS_A_PERSON && prepared.set.unknowable) needsPerson = true;
    else complaints.push(...exitFaults(run, done));
  };
  for (const [index, fault] of plan.faults.entries()) {
    const args = index === 0 ? course.first : course.next;
    const runners = index === 0 ? plan.runners : 1;
    const faultless = args[0] === 'upgrade' ? prepared.upgraded : prepared.downgraded;
    const message = messageOf(fault, faultless.messages * runners);
    const outcome = await runWithFault(arena, prepared, {
      database,
      args,
      runners,
      fault,
      message,
    });
    story.push(`${describeFault(fault, message)}${outcome.moment && ` (${outcome.moment})`}`);
    happened &&= outcome.happened;
    over.push(outcome.over);
    for (const [number, run] of outcome.runs.entries()) {
      const isSpared = FOR_ONE.has(fault.act) && number !== outcome.victim;
      const act = isSpared ? 'none' : fault.act;
      took(run, { act, early: outcome.early, disturbed: index > 0 });
    }
  }
  // The last run of every course brings it to its end, whatever the faulty ones came to.
  for (let restart = 0; complaints.length === 0 && !needsPerson; restart++) {
    const run = await restarted(arena, prepared, { database, args: course.next });
    took(run, { act: 'none', early: false, disturbed: true });
    if (run.exitCode === 0) break;
    if (restart === RESTARTS) complaints.push('the runs after the fault do not come to an end');
  }
  await Promise.all(over);
  if (complaints.length === 0 && !needsPerson) {
    const reference: Reference = prepared[course.end];
    const turned = plan.operation === 'turn-down' || plan.operation === 'turn-up';
    complaints.push(...(await databaseFaults(arena, database, prepared, { reference, turned })));
  }
  await arena.drop(database);
  const outcome = complaints.length > 0 ? 'failed' : needsPerson ? 'person' : 'converged';
  return { plan, outcome, complaints, story, runs, happened };
}

/** The number of the message at which it happens; none where it has a time. */
function messageOf({ at }: Fault, messages: number): number | undefined {
  if ('message' in at) return at.message;
  return 'fraction' in at ? Math.floor(at.fraction * messages) : undefined;
}

function restarted(
  arena: Arena,
  prepared: PreparedSet,
  what: { readonly database: string; readonly args: readonly string[] },
): Promise<Run> {
  return startRun({
    program: arena.program,
    args: what.args,
    cwd: prepared.folder,
    env: { ...prepared.environment, DATABASE_URL: directUrl(arena, what.database) },
    limitMs: RESTART_LIMIT_MS,
  }).ended;
}

function courseOf(operation: Operation, downTarget: string): Course {
  const limits = ['--lock-timeout', '300ms', '--lock-wait', '60s', '--connect-timeout', '20s'];
  const up = ['upgrade', 'heads', ...limits];
  const down = [...downgradeTo(downTarget), ...limits];
  switch (operation) {
    case 'upgrade':
      return { start: 'empty', end: 'upgraded', first: up, next: up };
    case 'single': {
      const single = [...up, '--single-transaction'];
      return { start: 'empty', end: 'upgraded', first: single, next: single };
    }
    case 'phases':
      return { start: 'empty', end: 'upgraded', first: [...up, '--phase', 'expand'], next: up };
    case 'downgrade':
      return { start: 'upgraded', end: 'downgraded', first: down, next: down };
    case 'turn-down':
      // From where the way down ends, which is then always there to be reached.
      return { start: 'downgraded', end: 'downgraded', first: up, next: down };
    case 'turn-up':
      return { start: 'upgraded', end: 'upgraded', first: down, next: up };
    default:
      return operation satisfies never;
  }
}
