/** `npm run chaos`: many random cases, one fault at every message of a run, or one case again. */

import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomBatches, sweepBatches } from './batches.ts';
import { runCampaign } from './campaign.ts';
import type { Verdict } from './case.ts';
import { ACTS, OPERATIONS } from './faults.ts';
import { chaosProgram } from './process.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    from: { type: 'string', default: '0' },
    case: { type: 'string' },
    sweep: { type: 'string' },
    set: { type: 'string', default: '1:0' },
    operation: { type: 'string', default: 'upgrade' },
    message: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism() * 2) },
    seconds: { type: 'string', default: '86400' },
    out: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const isSingle = values.case !== undefined || values.message !== undefined;
const workers = isSingle ? 1 : whole(values.workers);
const folder = values.out ?? (await mkdtemp(join(tmpdir(), 'slipway-chaos-')));
const counts = new Map<string, number>();
let slowestStopMs = 0;
let ended = 0;

const tally = await runCampaign({
  program: chaosProgram(),
  batches: values.sweep === undefined ? random() : sweep(values.sweep),
  workers,
  limitMs: whole(values.seconds) * 1000,
  folder,
  onVerdict,
});

for (const [what, count] of [...counts].sort())
  console.log(`${String(count).padStart(6)}  ${what}`);
const { cases, converged, person, missed, failures, durationMs } = tally;
const seconds = durationMs / 1000;
console.log(
  `${cases} cases in ${seconds.toFixed(0)} s (${(cases / seconds).toFixed(1)} a second): ` +
    `${converged} converged, ${person} rightly left to a person, ${failures.length} failed; ` +
    `in ${missed} a fault came after the end; the slowest answer to SIGTERM took ${Math.round(slowestStopMs)} ms`,
);
for (const failure of failures) {
  console.log(`\nnpm run chaos -- ${failure.replay}`);
  for (const complaint of failure.complaints.slice(0, 8)) {
    console.log(`  ${complaint.slice(0, 300)}`);
  }
  console.log(`  see ${join(failure.folder, 'report.txt')}`);
}
if (failures.length > 0) process.exitCode = 1;

function random() {
  const [seed, only] = values.case === undefined ? [whole(values.seed)] : pair(values.case);
  const from = only ?? whole(values.from);
  const to = only === undefined ? from + whole(values.cases) : only + 1;
  console.log(`seed ${seed}, cases ${from} to ${to - 1}; failures are kept in ${folder}`);
  return randomBatches(seed, from, to);
}

function sweep(name: string) {
  const act = ACTS.find(([known]) => known === name)?.[0];
  const operation = OPERATIONS.find((known) => known === values.operation);
  if (act === undefined || operation === undefined) {
    throw new Error(`there is no fault "${name}", or no operation "${values.operation}"`);
  }
  const [seed, set] = pair(values.set);
  const { message } = values;
  return sweepBatches({
    ...{ seed, set, act, operation, workers },
    ...(message === undefined ? {} : { message: whole(message) }),
  });
}

function pair(text: string): readonly [number, number] {
  const [first = '', second = ''] = text.split(':');
  return [whole(first), whole(second)];
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is no whole number`);
  return Number(text);
}

function onVerdict(verdict: Verdict): void {
  const { plan, outcome, story, runs } = verdict;
  for (const { exitCode, stoppedInMs } of runs) {
    if (exitCode !== null) slowestStopMs = Math.max(slowestStopMs, stoppedInMs ?? 0);
  }
  const names = [
    `operation ${plan.operation}`,
    ...plan.faults.map(({ act }) => `fault ${act}`),
    ...plan.faults.flatMap(({ hold }) => (hold === undefined ? [] : [`hold ${hold}`])),
    ...(plan.runners > 1 ? ['several runners'] : []),
    ...(plan.faults.length > 1 ? ['fault after fault'] : []),
  ];
  ended += 1;
  if (ended % 200 === 0) console.log(`${ended} cases`);
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (values.verbose || outcome === 'failed') {
    console.log(`${plan.replay} ${plan.operation} ${outcome}`);
    for (const line of story) console.log(`    ${line}`);
  }
}
