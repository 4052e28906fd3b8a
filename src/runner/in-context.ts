/** Judges the steps of one run together: what they create themselves holds no data and no users. */

import type { Step } from './step.ts';

/**
 * The same steps with facts that know what earlier steps of this run created. A step's recorded
 * compatibility stays as it is: code of an older release does not care in which run a revision ran.
 */
export async function inContext(steps: readonly Step[]): Promise<readonly Step[]> {
  // Loads the parser, which a bundle makes superfluous otherwise: only where it can help.
  if (steps.length < 2 || !steps.some(isHazardous)) return steps;
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
