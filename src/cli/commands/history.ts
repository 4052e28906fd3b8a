/** `slipway history`: the revisions, newest first, with what the database has of them. */

import { UsageError } from '../../core/errors.ts';
import { resolveRange } from '../../core/resolve.ts';
import { isRange, needsDatabase, parseRange, type TargetRange } from '../../core/target.ts';
import { appliedOf, askDatabase } from '../ask-database.ts';
import type { CommandOptions } from '../command-spec.ts';
import { alphabetOf, type Drawing, drawGraph } from '../graph-drawing.ts';
import { factLines, markWords, stateWord, type TextStyle, textOf } from '../revision-text.ts';
import { type RevisionView, viewRevisions } from '../revision-view.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';
import { openRelease, withDatabase } from '../wire.ts';

/**
 * Lists the revisions of the release and, unless `--offline`, of the database. As JSON: a list of
 * revisions, newest first, each with all of `RevisionView`.
 * @throws UsageError `SLIPWAY_USAGE`
 * @throws GraphError as `resolveRange`
 */
export async function historyCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { edge } = run;
  const range = rangeOf(options);
  const isAsked = asksDatabase(run, options, range);
  const files = await openRelease(run).graph();
  const database = isAsked ? await withDatabase(run, askDatabase) : undefined;
  const { graph, all } = viewRevisions(files, database);
  // `head` is the release's own; an open end is open for what only the database has, too.
  const within = range?.upper === undefined ? graph : { ...graph, heads: files.heads };
  const ids = range === undefined ? graph.order : resolveRange(within, range, appliedOf(database));
  const views = ids.toReversed().flatMap((id) => all.get(id) ?? []);
  const folder = options['export'];
  if (typeof folder === 'string') {
    const asked = new Set(
      views.flatMap(({ id, appliedAt }) => (appliedAt === undefined ? [] : [id])),
    );
    await exportCommand(run, folder, asked, options);
    return;
  }
  if (options['json'] === true) {
    edge.print(`${JSON.stringify(views)}\n`);
    return;
  }
  const style = { colour: wantsColour(edge, edge.stdoutIsTerminal) };
  const drawing = draw(run, options, views);
  edge.print(
    options['verbose'] === true ? blocks(views, drawing, style) : rows(views, drawing, style),
  );
}

/** Writes the archived files of `ids` and prints what became of each. */
async function exportCommand(
  run: RunContext,
  folder: string,
  ids: ReadonlySet<string>,
  options: CommandOptions,
): Promise<void> {
  const files = await withDatabase(run, async ({ migration, summary }) => {
    if (summary === undefined) return [];
    const rows = (await migration.applied.list()).filter(({ id }) => ids.has(id));
    const sources = await migration.applied.sources(rows.map(({ id }) => id));
    return rows.map(({ id, file }) => ({ file, source: sources.get(id) ?? '' }));
  });
  const { exportRevisions } = await import('../../files/export-revisions.ts');
  const { written, unchanged } = await exportRevisions(folder, files);
  run.edge.print(
    options['json'] === true
      ? `${JSON.stringify({ written, unchanged })}\n`
      : `${written.map((path) => `${path}\n`).join('')}${written.length} written, ${unchanged.length} there already\n`,
  );
}

function rangeOf(options: CommandOptions): TargetRange | undefined {
  const text = options['revRange'];
  if (typeof text !== 'string') return undefined;
  if (!isRange(text)) {
    throw new UsageError('SLIPWAY_USAGE', `"${text}" is one revision, and -r takes a range`, {
      hint: `Write ${text}: for what comes after it, :${text} for what leads to it, or slipway show ${text} for itself.`,
    });
  }
  return parseRange(text);
}

function asksDatabase(
  run: RunContext,
  options: CommandOptions,
  range: TargetRange | undefined,
): boolean {
  const why =
    typeof options['export'] === 'string'
      ? '--export'
      : options['indicateCurrent'] === true
        ? '--indicate-current'
        : range !== undefined && countsFromDatabase(range)
          ? `-r ${range.text}`
          : undefined;
  if (options['offline'] !== true) return why !== undefined || isDatabaseGiven(run);
  if (why === undefined) return false;
  throw new UsageError('SLIPWAY_USAGE', `${why} asks the database, and --offline forbids it`, {
    hint: 'Leave out one of the two.',
  });
}

/** An end without a symbol counts from the other end, unless that is such an end, too. */
function countsFromDatabase({ lower, upper }: TargetRange): boolean {
  return (
    [lower, upper].some((end) => end?.symbol === 'current') ||
    (needsDatabase(lower) && upper !== undefined && upper.symbol === undefined) ||
    (needsDatabase(upper) && lower !== undefined && lower.symbol === undefined)
  );
}

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

/** More lanes than this nobody can follow with the eye, or keep in memory for a long history. */
const MAX_LANES = { unasked: 20, asked: 200 };

function draw(
  run: RunContext,
  options: CommandOptions,
  views: readonly RevisionView[],
): readonly Drawing[] | undefined {
  const { edge } = run;
  const isAsked = options['graph'] === true;
  const isFit = options['graph'] !== false && edge.stdoutIsTerminal && isMoreThanLine(views);
  if (!isAsked && !isFit) return undefined;
  const maxLanes = isAsked ? MAX_LANES.asked : MAX_LANES.unasked;
  const drawing = drawGraph(
    views.map(({ id, revises, state }) => ({ id, revises, hollow: state === 'pending' })),
    { alphabet: alphabetOf(edge.env), maxLanes },
  );
  if (drawing === undefined && isAsked) {
    const message = `not drawn: more than ${maxLanes} branches are open side by side; -r lists a part`;
    run.reporter.report({ type: 'warning', message });
  }
  return drawing;
}

/** Whether the listed part has a branch, a merge or several bases. */
function isMoreThanLine(views: readonly RevisionView[]): boolean {
  const listed = new Set(views.map(({ id }) => id));
  const seen = new Set<string>();
  let bases = 0;
  for (const { revises } of views) {
    const parents = revises.filter((id) => listed.has(id));
    if (parents.length === 0) bases += 1;
    if (parents.length > 1 || bases > 1 || parents.some((id) => seen.has(id))) return true;
    for (const id of parents) seen.add(id);
  }
  return false;
}

function rows(
  views: readonly RevisionView[],
  drawing: readonly Drawing[] | undefined,
  style: TextStyle,
): string {
  const isAsked = views.some(({ state }) => state !== 'listed');
  const cells = (view: RevisionView): readonly string[] => [
    view.id,
    view.revises.join(' ') || '<base>',
    ...(isAsked ? [stateWord(view, style)] : []),
    describe(view, style),
  ];
  const titles = ['REVISION', 'REVISES', ...(isAsked ? ['STATE'] : []), 'DESCRIPTION'];
  if (drawing === undefined) {
    const lines = views.map((view) => [...(isAsked ? [MARKS[view.state]] : []), ...cells(view)]);
    return table(isAsked ? ['', ...titles] : titles, lines, style);
  }
  const lines = views.flatMap((view, index) => {
    const { node = '', links = [] } = drawing[index] ?? {};
    return [[node, ...cells(view)], ...links.map((link) => [link])];
  });
  return table(['', ...titles], lines, style);
}

const MARKS: { readonly [S in RevisionView['state']]: string } = {
  current: '*',
  applied: '✓',
  partial: '!',
  pending: ' ',
  unknown: '?',
  listed: ' ',
};

function describe(view: RevisionView, style: TextStyle): string {
  const { description, dependsOn, phase } = view;
  return [
    ...(description === '' ? [] : [description]),
    ...markWords(view, style),
    ...(phase === 'contract' ? ['(contract)'] : []),
    ...(dependsOn.length === 0 ? [] : [`(depends on ${dependsOn.join(', ')})`]),
  ].join(' ');
}

function blocks(
  views: readonly RevisionView[],
  drawing: readonly Drawing[] | undefined,
  style: TextStyle,
): string {
  const lines = views.flatMap((view, index) => {
    const text = [...factLines(view, style), ''];
    const beside = drawing?.[index];
    if (beside === undefined) return text;
    const lanes = [beside.node, ...beside.links];
    while (lanes.length < text.length) lanes.push(beside.rest);
    const width = Math.max(...lanes.map((lane) => lane.length));
    return lanes.map((lane, line) => `${lane.padEnd(width)}  ${text[line] ?? ''}`.trimEnd());
  });
  return textOf(lines);
}
