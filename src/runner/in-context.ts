/** Judges the steps of one run together: what they create themselves holds no data and no users. */

import type { Step } from './step.ts';

/**
 * The same steps with facts that know what earlier steps of this run created. A step's recorded
 * compatibility stays as it is: code of an older release does not care in which run a revision ran.
 */
export async function inContext(steps: readonly Step[]): Promise<readonly Step[]> {
  // Loads the parser, which a bundle makes superfluous otherwise: only where it can help.
  return steps.length < 2 || !steps.some(isHazardous) ? steps : readTogether(steps);
}

/** The same for those who want to know of every lock whether it is on something new. */
export async function readTogether(steps: readonly Step[]): Promise<readonly Step[]> {
  const [{ prepareScript }, { nothingCreated }] = await Promise.all([
    import('../analysis/script.ts'),
    import('../analysis/created.ts'),
  ]);
  const created = nothingCreated();
  const judged: Step[] = [];
  for (const step of steps) {
    judged.push({
      ...step,
      script: await prepareScript(step.revision, step.revision.up, created),
    });
  }
  return judged;
}

function isHazardous({ script }: Step): boolean {
  return script.statements.some(
    ({ facts }) => facts.dataLoss.length > 0 || facts.compatibility.verdict === 'no',
  );
}
