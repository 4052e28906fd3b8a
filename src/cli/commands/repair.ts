/** `slipway repair`: lists what needs a person, and settles it by an operator's word. */

import { CheckFailed, UsageError } from '../../core/errors.ts';
import { resolveOne } from '../../core/resolve.ts';
import type { RevisionId } from '../../core/revision.ts';
import { parseTarget } from '../../core/target.ts';
import { repair } from '../../runner/repair.ts';
import type { RepairRequest, StatementWord } from '../../runner/repair-actions.ts';
import { type RepairReport, reportRepairs } from '../../runner/repair-report.ts';
import { wholeGraph } from '../../runner/whole-graph.ts';
import type { CommandOptions } from '../command-spec.ts';
import { repairLines } from '../repair-text.ts';
import { reportStart } from '../report-start.ts';
import { textOf } from '../revision-text.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { type OpenDatabase, releaseAtHand, withDatabase } from '../wire.ts';

const ACTIONS = ['markApplied', 'markReverted', 'statement', 'acceptChanged', 'dropRemnants'];

/**
 * Lists, or does the one thing that was asked for. As JSON: `partial` and `changed` as
 * `RepairReport` has them; after an action also `actions`.
 * @throws CheckFailed `SLIPWAY_REPAIR_NEEDED` when there is something to list
 * @throws RunError `SLIPWAY_REPAIR_REFUSED`
 */
export async function repairCommand(
  run: RunContext,
  options: CommandOptions,
  wanted: string | undefined,
): Promise<undefined> {
  const requested = ACTIONS.filter((name) => options[name] !== undefined);
  if (requested.length > 1) throw usage('one thing at a time: name one action');
  const [action] = requested;
  // What is wrong with the command line is said before anything is connected to.
  const requestFor = action === undefined ? undefined : readRequest(action, options, wanted);
  const release = releaseAtHand(run);
  const { settings } = run;
  const limits = {
    lockTimeoutMs: settings.lockTimeout,
    statementTimeoutMs: settings.statementTimeout,
  };
  await withDatabase(run, async (opened) => {
    const only = wanted === undefined ? undefined : await idOf(run, opened, wanted);
    if (requestFor === undefined) {
      const report = await reportRepairs(opened.migration, release, { limits, only });
      print(run, options, report);
      failIfNeeded(report);
      return;
    }
    const dryRun = options['dryRun'] === true;
    if (!dryRun) reportStart(run, 'repair', opened);
    const { before, actions } = await repair(
      opened.migration,
      release,
      { request: requestFor(only ?? ''), limits, lockWaitMs: settings.lockWait, dryRun },
      run.surroundings,
    );
    const none = 'nothing to do';
    if (options['json'] === true) {
      run.edge.print(`${JSON.stringify({ ...before, actions, dryRun })}\n`);
    } else {
      const shown = action === 'acceptChanged' ? repairLines(before, style(run)) : [];
      const said = actions.map(({ message }) => (dryRun ? `would do: ${message}` : message));
      run.edge.print(textOf([...shown, ...(said.length === 0 ? [none] : said)]));
    }
  });
}

/** The request, as soon as the revision's id is known. */
function readRequest(
  action: string,
  options: CommandOptions,
  wanted: string | undefined,
): (revision: RevisionId) => RepairRequest {
  const { reason: given } = options;
  const reason = typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined;
  if (action === 'dropRemnants') {
    if (wanted !== undefined) throw usage('--drop-remnants takes no revision');
    return () => ({ kind: 'drop-remnants', reason });
  }
  if (wanted === undefined) throw usage('name the revision');
  if (action === 'acceptChanged') {
    return (revision) => ({ kind: 'accept-changed', revision, reason });
  }
  if (reason === undefined) {
    throw usage('say why with --reason "...": it goes into the audit log');
  }
  if (action === 'statement') {
    const statements = readWords(options['statement']);
    return (revision) => ({ kind: 'settle', revision, statements, reason });
  }
  const kind = action === 'markApplied' ? 'mark-applied' : 'mark-reverted';
  return (revision) => ({ kind, revision, reason });
}

function readWords(given: unknown): readonly StatementWord[] {
  const texts = Array.isArray(given) ? given.map(String) : [];
  return texts.map((text) => {
    const [, number, word] = /^([1-9]\d{0,5})=(done|absent)$/.exec(text) ?? [];
    if (number === undefined || (word !== 'done' && word !== 'absent')) {
      throw usage(`"${text}" is not N=done or N=absent`);
    }
    return { number: Number(number), word };
  });
}

async function idOf(
  run: RunContext,
  { summary, migration }: OpenDatabase,
  wanted: string,
): Promise<RevisionId> {
  const applied = summary === undefined ? [] : await migration.applied.list();
  const graph = wholeGraph(applied, await releaseAtHand(run)?.graph());
  const done = applied.filter((row) => row.state === 'applied').map((row) => row.id);
  const id = resolveOne(graph, parseTarget(wanted), new Set(done));
  if (id === undefined) throw usage(`"${wanted}" is no revision`);
  return id;
}

function print(run: RunContext, options: CommandOptions, report: RepairReport): void {
  run.edge.print(
    options['json'] === true
      ? `${JSON.stringify(report)}\n`
      : textOf(repairLines(report, style(run))),
  );
}

function style({ edge }: RunContext): { readonly colour: boolean } {
  return { colour: wantsColour(edge, edge.stdoutIsTerminal) };
}

function failIfNeeded({ partial, changed }: RepairReport): void {
  if (partial.length === 0 && changed.length === 0) return;
  const waiting = partial.filter(({ needsPerson }) => needsPerson);
  const parts = [
    ...(partial.length === 0
      ? []
      : [`${partial.length} half applied (${waiting.length} of them need you)`]),
    ...(changed.length === 0 ? [] : [`${changed.length} changed after being applied`]),
  ];
  const [first] = [...waiting, ...partial, ...changed];
  throw new CheckFailed('SLIPWAY_REPAIR_NEEDED', `revisions to look at: ${parts.join(', ')}`, {
    hint:
      waiting.length === 0 && changed.length === 0
        ? 'The next slipway upgrade (or downgrade) goes on with it by itself.'
        : 'slipway repair --help shows how each is settled.',
    details: {
      revision: first?.id,
      partial: partial.map(({ id }) => id),
      changed: changed.map(({ id }) => id),
    },
  });
}

function usage(message: string): UsageError {
  return new UsageError('SLIPWAY_USAGE', message, { hint: 'slipway repair --help has examples.' });
}
