/** Runs many cases over several arenas at once, and keeps what is needed to look into a failure. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Arena, openArena, type PreparedSet, prepareSet } from './arena.ts';
import { runCase, type Verdict } from './case.ts';
import { CASES_PER_SET, type CasePlan } from './faults.ts';
import type { RevisionSet } from './revision-set.ts';

/** Cases that share a revision set, and the work of running it without faults. */
export interface Batch {
  readonly set: RevisionSet;
  plans(prepared: PreparedSet): Iterable<CasePlan>;
}

/** Which cases are run, and how. */
export interface Campaign {
  readonly program: string;
  readonly batches: Iterable<Batch>;
  readonly workers: number;
  /** No case is begun after so long. */
  readonly limitMs: number;
  /** Where the evidence of failures is put. */
  readonly folder: string;
  /** Told of each case, as it ends. */
  onVerdict(verdict: Verdict): void;
}

/** What came of it. */
export interface Tally {
  readonly cases: number;
  readonly converged: number;
  /** Ended at a statement that only a person can judge. */
  readonly person: number;
  /** A fault came too late to meet anything. */
  readonly missed: number;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

/** A case that failed, or a set that fails without any fault. */
export interface Failure {
  /** The arguments that run it again. */
  readonly replay: string;
  readonly complaints: readonly string[];
  readonly folder: string;
}

/** Runs the cases and counts how they ended. */
export async function runCampaign(campaign: Campaign): Promise<Tally> {
  const start = performance.now();
  const tally = { cases: 0, converged: 0, person: 0, missed: 0 };
  const failures: Failure[] = [];
  const batches = campaign.batches[Symbol.iterator]();
  const isOver = () => performance.now() - start > campaign.limitMs;

  const failed = async (replay: string, set: RevisionSet, evidence: Evidence): Promise<void> => {
    const folder = await keepEvidence(campaign.folder, { replay, set, evidence });
    failures.push({ replay, complaints: evidence.complaints, folder });
  };
  const runBatch = async (arena: Arena, { set, plans }: Batch): Promise<void> => {
    let replay = `--case ${set.seed}:${set.number * CASES_PER_SET}`;
    try {
      await using prepared = await prepareSet(arena, set);
      for (const plan of plans(prepared)) {
        if (isOver()) return;
        replay = plan.replay;
        const verdict = await runCase(arena, prepared, plan);
        tally.cases += 1;
        if (verdict.outcome === 'converged') tally.converged += 1;
        if (verdict.outcome === 'person') tally.person += 1;
        if (!verdict.happened) tally.missed += 1;
        if (verdict.outcome === 'failed') await failed(replay, set, verdict);
        campaign.onVerdict(verdict);
      }
    } catch (error) {
      const complaints = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
      await failed(replay, set, { complaints, story: [], runs: [] });
    }
  };
  const work = async (): Promise<void> => {
    await using arena = await openArena(campaign.program);
    for (let next = batches.next(); !next.done && !isOver(); next = batches.next()) {
      await runBatch(arena, next.value);
    }
  };
  await Promise.all(Array.from({ length: campaign.workers }, work));
  return { ...tally, failures, durationMs: performance.now() - start };
}

type Evidence = Pick<Verdict, 'complaints' | 'story' | 'runs'>;

async function keepEvidence(
  root: string,
  of: { readonly replay: string; readonly set: RevisionSet; readonly evidence: Evidence },
): Promise<string> {
  const { replay, set, evidence } = of;
  const folder = join(root, replay.replaceAll(/\W+/g, '-').replace(/^-/, ''));
  await mkdir(join(folder, 'migrations'), { recursive: true });
  for (const [file, text] of set.files) await writeFile(join(folder, 'migrations', file), text);
  const sections = [
    `npm run chaos -- ${replay}`,
    ...evidence.complaints,
    '',
    ...evidence.story,
    ...evidence.runs.flatMap((run) => ['', `== ${run.args.join(' ')}`, run.stderr]),
  ];
  await writeFile(join(folder, 'report.txt'), `${sections.join('\n')}\n`);
  return folder;
}
