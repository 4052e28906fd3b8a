/** `slipway plan`: what an upgrade would do to this database now. */

import { HEAD, parseTarget } from '../../core/target.ts';
import { describeServer } from '../../postgres/connection-settings.ts';
import { planUpgradeNow, type UpgradePlan } from '../../runner/upgrade-plan.ts';
import type { CommandOptions } from '../command-spec.ts';
import { planAsMarkdown } from '../plan-markdown.ts';
import { planAsText } from '../plan-text.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { checkTargets, openRelease, withDatabase } from '../wire.ts';
import { upgradeOptions } from './upgrade.ts';

/**
 * Prints the plan; as JSON with all that is known of every statement.
 * @throws RunError with `--exit-code`, what `upgrade` would refuse
 */
export async function planCommand(
  run: RunContext,
  options: CommandOptions,
  target: string | undefined,
): Promise<undefined> {
  const { edge } = run;
  const release = openRelease(run);
  const point = target === undefined ? HEAD : parseTarget(target);
  await checkTargets(run, release, target === undefined ? [] : [point]);
  const wanted = upgradeOptions(run, { singleTransaction: false }, point);
  const { plan, server } = await withDatabase(run, async ({ migration, live, connection }) => ({
    plan: await planUpgradeNow(migration, live, release, wanted),
    server: describeServer(connection),
  }));
  if (options['json'] === true) {
    edge.print(`${JSON.stringify(inJson(plan, server))}\n`);
  } else if (options['markdown'] === true) {
    edge.print(planAsMarkdown(plan, server));
  } else {
    edge.print(planAsText(plan, server, { colour: wantsColour(edge, edge.stdoutIsTerminal) }));
  }
  if (options['exitCode'] === true && plan.refusal !== undefined) throw plan.refusal;
}

function inJson(plan: UpgradePlan, server: string): object {
  const { refusal } = plan;
  return {
    server,
    ...plan,
    estimateMs: Math.round(plan.estimateMs),
    refusal: refusal && {
      code: refusal.code,
      exitCode: refusal.exitCode,
      message: refusal.message,
      hint: refusal.hint,
      details: refusal.details,
    },
  };
}
