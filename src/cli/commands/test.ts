/** `slipway test`: every revision rehearsed on scratch databases before it ships. */

import { readFile, writeFile } from 'node:fs/promises';
import { CheckFailed, Interrupted, UsageError } from '../../core/errors.ts';
import { type Graph, withAncestors } from '../../core/graph.ts';
import { resolveRange, resolveTarget } from '../../core/resolve.ts';
import type { Revision, RevisionId } from '../../core/revision.ts';
import { isRange, parseRange, parseTarget } from '../../core/target.ts';
import { unreadable } from '../../files/directory.ts';
import { publishedFiles } from '../../files/git.ts';
import { releaseAt } from '../../files/release-at.ts';
import { rehearse, type Stage } from '../../rehearsal/rehearse.ts';
import type { RehearsalReport } from '../../rehearsal/report.ts';
import type { Release } from '../../runner/ports.ts';
import { statementsOf } from '../../sql/plain-statements.ts';
import type { CommandOptions } from '../command-spec.ts';
import { loadLogger } from '../load-logger.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { openRunners } from '../scratch-runners.ts';
import { type OpenScratchServer, openScratchServer } from '../scratch-server.ts';
import { openScratchTarget } from '../scratch-target.ts';
import { rehearsalJunit } from '../test-junit.ts';
import { rehearsalText } from '../test-text.ts';
import { openRelease } from '../wire.ts';

/**
 * Prints the report; as JSON a `RehearsalReport`.
 * @throws CheckFailed `SLIPWAY_TEST_FAILED`
 */
export async function testCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { edge } = run;
  loadLogger(run);
  const release = openRelease(run);
  const graph = await release.graph();
  const request = {
    release,
    selected: await selectedRevisions(run, graph, options),
    runners: numberOf(options, 'runners'),
    chaos: chaosOf(options),
    previous: await previousRelease(run, release, textOf(options['rollout'])),
  };
  const seeds = await statementsIn(textOf(options['seed']));
  const setup = await statementsIn(textOf(options['setup']));
  const report = await withStage(run, { options, seeds, setup }, (stage) =>
    rehearse(stage, request, {
      now: edge.now,
      random: edge.random,
      checkStopped: () => {
        if (edge.signal.aborted) throw stopped(String(edge.signal.reason));
      },
      onItem: ({ name, description, verdict, findings, notes, durationMs }, place) =>
        run.reporter.report({
          type: 'revision.rehearsed',
          revision: name,
          description,
          verdict,
          message:
            findings[0] === undefined
              ? verdict === 'skipped'
                ? notes[0]
                : undefined
              : `${findings[0].phase}: ${findings[0].message}`,
          durationMs,
          ...place,
        }),
    }),
  );
  const junit = textOf(options['junit']);
  if (junit !== undefined) await writeFile(junit, rehearsalJunit(report));
  edge.print(
    options['json'] === true
      ? `${JSON.stringify(report)}\n`
      : rehearsalText(report, { colour: wantsColour(edge, edge.stdoutIsTerminal) }),
  );
  refuse(report);
}

type Flags = {
  readonly options: CommandOptions;
  readonly seeds: readonly string[] | undefined;
  readonly setup: readonly string[] | undefined;
};

/** Opens a server, lets `work` run, and leaves nothing behind. */
async function withStage(
  run: RunContext,
  { options, seeds, setup = [] }: Flags,
  work: (stage: Stage) => Promise<RehearsalReport>,
): Promise<RehearsalReport> {
  await using target = await openScratchTarget(run, textOf(options['postgres']));
  const server: OpenScratchServer = await openScratchServer(run, target, { seeds, setup });
  try {
    const runners = await openRunners(run, server.connectionTo);
    try {
      return await work({ server, runners });
    } finally {
      await runners.close();
    }
  } finally {
    await server.close();
  }
}

/** Those that are tried one by one. */
async function selectedRevisions(
  run: RunContext,
  graph: Graph<Revision>,
  options: CommandOptions,
): Promise<ReadonlySet<RevisionId>> {
  const from = textOf(options['from']);
  const range = textOf(options['revisions']);
  const ref = textOf(options['changedSince']);
  const below =
    from === undefined
      ? new Set<RevisionId>()
      : withAncestors(graph, resolveTarget(graph, parseTarget(from)));
  const within = range === undefined ? graph.order : inRange(graph, range);
  const changed = ref === undefined ? undefined : await changedSince(run, graph, ref);
  return new Set(
    within.filter((id) => !below.has(id) && (changed === undefined || changed.has(id))),
  );
}

/** A range, or one revision. */
function inRange(graph: Graph<Revision>, text: string): readonly RevisionId[] {
  return isRange(text)
    ? resolveRange(graph, parseRange(text))
    : resolveTarget(graph, parseTarget(text));
}

async function changedSince(
  { settings, edge }: RunContext,
  graph: Graph<Revision>,
  ref: string,
): Promise<ReadonlySet<RevisionId>> {
  refuseBundle(settings.bundle, '--changed-since');
  const { files } = await publishedFiles(settings.dir, ref, edge.env);
  const texts = new Set(
    files.map(({ content }) => unixLines(Buffer.from(content).toString('utf8'))),
  );
  const changed = [...graph.nodes.values()].filter(({ source }) => !texts.has(unixLines(source)));
  return new Set(changed.map(({ id }) => id));
}

async function previousRelease(
  { settings, edge }: RunContext,
  current: Release,
  ref: string | undefined,
): Promise<{ readonly name: string; readonly release: Release } | undefined> {
  if (ref === undefined) return undefined;
  refuseBundle(settings.bundle, '--rollout');
  return { name: ref, release: await releaseAt(settings.dir, ref, { env: edge.env, current }) };
}

function refuseBundle(bundle: string | undefined, flag: string): void {
  if (bundle === undefined) return;
  throw new UsageError(
    'SLIPWAY_USAGE',
    `${flag} compares files with a commit, and ${bundle} is a bundle`,
    {
      hint: 'Run it in a checkout of the project, without --bundle.',
    },
  );
}

async function statementsIn(file: string | undefined): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error, 'Check that the file exists and may be read.');
  });
  return statementsOf(text, file);
}

function numberOf(options: CommandOptions, name: string): number {
  const value = String(options[name] ?? '0');
  if (/^\d{1,3}$/.test(value)) return Number(value);
  throw new UsageError(
    'SLIPWAY_USAGE',
    `--${name} ${value} is not a number of at most three digits`,
  );
}

/** `--chaos` alone means everywhere. */
function chaosOf(options: CommandOptions): 'all' | number {
  const value = options['chaos'];
  if (value === true) return 'all';
  if (value === undefined || value === false) return 0;
  if (/^\d{1,6}$/.test(String(value))) return Number(value);
  throw new UsageError('SLIPWAY_USAGE', `--chaos ${String(value)} is not a number`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Git may have changed line ends when it wrote the file. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function stopped(signal: string): Interrupted {
  return new Interrupted('SLIPWAY_INTERRUPTED', `stopped by ${signal} between two revisions`, {
    hint: 'The scratch databases are dropped; run it again.',
  });
}

function refuse(report: RehearsalReport): void {
  if (report.ok) return;
  const all = [...report.revisions, ...report.checks];
  const failed = all.filter(({ verdict }) => verdict === 'failed');
  const [first] = failed;
  const finding = first?.findings[0];
  throw new CheckFailed(
    'SLIPWAY_TEST_FAILED',
    `${failed.length} of ${all.length} rehearsals failed, the first: ${first?.name ?? ''}${finding === undefined ? '' : ` (${finding.phase})`}`,
    {
      hint: 'The report above says what differs and where; correct the files and run it again.',
      details: {
        failed: failed.map(({ name }) => name),
        revision: first?.file === undefined ? undefined : first.name,
        file: finding?.file ?? first?.file,
        line: finding?.line,
        column: finding?.column,
      },
    },
  );
}
