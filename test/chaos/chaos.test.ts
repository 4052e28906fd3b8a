/** As many random cases as fit into a few minutes: each must converge, whatever happens to it. */

import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { randomBatches } from './batches.ts';
import { runCampaign } from './campaign.ts';
import { chaosProgram } from './process.ts';

const LIMIT_MS = 200_000;
const CASES = 400;
/** The same cases each time: others are looked for with `npm run chaos`. */
const SEED = 2026;

it('converges to the state of a run without faults, or rightly waits for a person', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  const seed = Number(process.env['SLIPWAY_CHAOS_SEED'] ?? SEED);
  const tally = await runCampaign({
    program: chaosProgram(),
    batches: randomBatches(seed, 0, CASES),
    workers: availableParallelism() * 2,
    limitMs: LIMIT_MS,
    folder: await mkdtemp(join(tmpdir(), 'slipway-chaos-')),
    onVerdict: () => undefined,
  });
  console.log(
    `chaos: seed ${seed}, ${tally.cases} cases, ${tally.person} left to a person, ${tally.missed} too late`,
  );
  const said = tally.failures.map(
    ({ replay, complaints, folder }) =>
      `npm run chaos -- ${replay} (${folder})\n${complaints.join('\n')}`,
  );
  expect(tally.failures, said.join('\n\n')).toEqual([]);
  expect(tally.cases).toBeGreaterThan(20);
});
