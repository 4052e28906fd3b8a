/** `slipway history`: the revisions, newest first, with what the database has of them. */

import type { AppliedRevision } from '../../core/applied.ts';
import { describeOrigin } from '../../core/decide.ts';
import type { Graph } from '../../core/graph.ts';
import type { Revision } from '../../core/revision.ts';
import type { CommandOptions } from '../command-spec.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { openRelease, withDatabase } from '../wire.ts';

interface Entry {
  readonly id: string;
  readonly revises: readonly string[];
  readonly state: 'current' | 'applied' | 'partial' | 'pending' | 'unknown' | 'listed';
  readonly labels: readonly string[];
  readonly phase: string;
  readonly description: string;
  readonly file: string;
  readonly appliedAt: string | undefined;
  readonly by: string | undefined;
  readonly compatible: string | undefined;
}

/** Lists the revisions of the release and, unless `--offline`, of the database. */
export async function historyCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const graph = await openRelease(run).graph();
  const entries =
    options['offline'] === true || !isDatabaseGiven(run)
      ? entriesOf(graph, undefined)
      : await withDatabase(run, async (opened) =>
          entriesOf(graph, {
            heads: opened.summary?.heads ?? [],
            applied: opened.summary === undefined ? [] : await opened.migration.applied.list(),
          }),
        );
  const { edge } = run;
  if (options['json'] === true) {
    edge.print(`${JSON.stringify(entries)}\n`);
    return;
  }
  const verbose = options['verbose'] === true;
  edge.print(
    table(
      ['', 'REVISION', 'REVISES', 'STATE', ...(verbose ? VERBOSE_TITLES : []), 'DESCRIPTION'],
      entries.map((entry) => [
        MARKS[entry.state],
        entry.id,
        entry.revises.join(' ') || '(base)',
        entry.state === 'listed' ? '' : entry.state,
        ...(verbose
          ? [entry.file, entry.compatible ?? '-', entry.appliedAt ?? '-', entry.by ?? '-']
          : []),
        describe(entry),
      ]),
      { colour: wantsColour(edge, edge.stdoutIsTerminal) },
    ),
  );
}

const VERBOSE_TITLES = ['FILE', 'COMPATIBLE', 'APPLIED AT', 'BY'];

const MARKS: { readonly [S in Entry['state']]: string } = {
  current: '*',
  applied: '✓',
  partial: '!',
  pending: ' ',
  unknown: '?',
  listed: ' ',
};

/** The question goes to a database only where one was named: `history` is also for laptops. */
function isDatabaseGiven(run: RunContext): boolean {
  const { url, urlFile } = run.settings;
  const { env } = run.edge;
  return (
    url !== undefined ||
    urlFile !== undefined ||
    ['PGHOST', 'PGHOSTADDR', 'PGSERVICE', 'PGDATABASE'].some((name) => (env[name] ?? '') !== '')
  );
}

function entriesOf(
  graph: Graph<Revision>,
  database:
    | { readonly heads: readonly string[]; readonly applied: readonly AppliedRevision[] }
    | undefined,
): readonly Entry[] {
  const rows = new Map(database?.applied.map((row) => [row.id, row]));
  const known = graph.order.flatMap((id): Entry[] => {
    const revision = graph.nodes.get(id);
    if (revision === undefined) return [];
    return [entryOf(revision, rows.get(id), database === undefined ? 'listed' : 'pending')];
  });
  const unknown = (database?.applied ?? [])
    .filter((row) => !graph.nodes.has(row.id))
    .map((row) => entryOf(row, row, 'unknown'));
  const heads = new Set(database?.heads);
  return [...known, ...unknown]
    .map((entry) =>
      heads.has(entry.id) && entry.state === 'applied'
        ? { ...entry, state: 'current' as const }
        : entry,
    )
    .reverse();
}

function entryOf(
  node: Revision | AppliedRevision,
  row: AppliedRevision | undefined,
  otherwise: 'listed' | 'pending' | 'unknown',
): Entry {
  return {
    id: node.id,
    revises: node.revises,
    state: otherwise === 'unknown' ? 'unknown' : (row?.state ?? otherwise),
    labels: node.labels,
    phase: node.phase,
    description: node.description,
    file: node.file,
    appliedAt: row?.appliedAt,
    by: row === undefined ? undefined : describeOrigin(row),
    compatible: row?.compatibility.verdict,
  };
}

function describe(entry: Entry): string {
  const notes = [
    ...entry.labels,
    ...(entry.phase === 'contract' ? ['contract'] : []),
    ...(entry.state === 'unknown' ? ['not in this release'] : []),
  ];
  return notes.length === 0 ? entry.description : `${entry.description} (${notes.join(', ')})`;
}
