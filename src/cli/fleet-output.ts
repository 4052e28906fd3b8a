/** How a fleet ended, for the log, for programs, and for a person at a terminal. */

import { formatDuration } from '../core/duration.ts';
import type { FailedTarget, FleetReport, TargetResult } from '../core/fleet.ts';
import { type RunContext, wantsColour } from './run-context.ts';
import { table } from './table.ts';

/** So many names of targets that failed are in the last line of the log. */
const NAMED = 20;

/** Reports `fleet.finished`. */
export function reportFleetEnd(run: RunContext, command: string, report: FleetReport): void {
  const { counts, stopped, exitCode, durationMs, results } = report;
  const failures = results.filter((result) => result.outcome === 'failed');
  const [first] = failures;
  run.reporter.report({
    type: 'fleet.finished',
    command,
    ...counts,
    stopped,
    exitCode,
    durationMs,
    ...(first === undefined ? {} : { firstFailure: first }),
    failedTargets: failures.slice(0, NAMED).map(({ target }) => target),
  });
}

/** Answers as JSON; or with a table, where a person sees it. */
export function printFleet(
  run: RunContext,
  report: FleetReport,
  { json }: { readonly json: boolean },
): void {
  const { edge } = run;
  if (json) {
    const { counts, results, ...rest } = report;
    edge.print(`${JSON.stringify({ ...counts, ...rest, targets: results })}\n`);
  } else if (edge.stdoutIsTerminal) {
    edge.print(fleetTable(report.results, { colour: wantsColour(edge, true) }));
  }
}

/** Up to so many targets are all listed; of more only those with something to tell. */
const LISTED = 50;

/** Each target and how it ended; those that failed stand last, next to the prompt. */
export function fleetTable(
  results: readonly TargetResult[],
  options: { readonly colour: boolean },
): string {
  const hasNews = ({ outcome }: TargetResult): boolean =>
    outcome !== 'nothing-to-do' && outcome !== 'done-by-another';
  const shown = results.length <= LISTED ? results : results.filter(hasNews);
  const isFailed = (result: TargetResult): result is FailedTarget => result.outcome === 'failed';
  const rows = [...shown.filter((each) => !isFailed(each)), ...shown.filter(isFailed)].map(rowOf);
  const left = results.length - shown.length;
  const rest = left === 0 ? '' : `and ${left} with nothing to do\n`;
  return rows.length === 0
    ? rest
    : table(['TARGET', 'OUTCOME', 'TIME', 'AT'], rows, options) + rest;
}

function rowOf(result: TargetResult): readonly string[] {
  const time = formatDuration(result.durationMs);
  return result.outcome === 'failed'
    ? [result.target, `failed (${result.exitCode})`, time, `${result.code}: ${result.message}`]
    : [result.target, outcomeText(result), time, result.heads.join(', ') || 'base'];
}

function outcomeText({ outcome, revisions }: Exclude<TargetResult, { outcome: 'failed' }>): string {
  return revisions === 0 ? outcome : `${outcome}: ${revisions}`;
}
