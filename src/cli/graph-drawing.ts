/** Draws revisions as lanes, as `git log --graph` does. Knows nothing of what stands beside the lanes. */

import { showsUnicode } from './unicode.ts';

/** A revision of the drawing; the rows come newest first. */
export interface DrawnRow {
  readonly id: string;
  /** What it revises; only what stands further down is drawn. */
  readonly revises: readonly string[];
  /** Drawn as a hollow node. */
  readonly hollow: boolean;
}

/** What is drawn beside one revision, line by line; no line ends in a blank. */
export interface Drawing {
  readonly node: string;
  /** Between this node and the next. */
  readonly links: readonly string[];
  /** Beside any further line of text, below the links. */
  readonly rest: string;
}

/** The characters that a drawing is made of. */
export type Alphabet = typeof BOXES;

/** Box drawing characters, for terminals that know Unicode. */
export const BOXES = {
  node: '●',
  hollow: '○',
  lane: '│',
  across: '─',
  /** A lane that others leave from or come in to. */
  joint: '├',
  /** A lane that begins, with more to its right. */
  fork: '┬',
  /** The last lane that begins. */
  begin: '╮',
  /** A lane that ends to the left. */
  end: '╯',
  /** Where a lane goes on that ended to the right. */
  resume: '╭',
};

/** The same in ASCII. */
export const ASCII: Alphabet = {
  node: '*',
  hollow: 'o',
  lane: '|',
  across: '-',
  joint: '|',
  fork: '.',
  begin: '\\',
  end: '/',
  resume: '/',
};

/** The alphabet that a terminal with this environment can show. */
export function alphabetOf(env: { readonly [name: string]: string | undefined }): Alphabet {
  return showsUnicode(env) ? BOXES : ASCII;
}

/**
 * The drawing of `rows`, one for each; undefined where more than `maxLanes` would stand side by
 * side. A lane leads from a node down to all that it carries edges of: one revision. What joins
 * below goes straight down one lane, so that every line has a single way to be read: a horizontal
 * line either leaves one lane (fork) or comes in to one (join), and passes behind those it crosses.
 */
export function drawGraph(
  rows: readonly DrawnRow[],
  options: { readonly alphabet: Alphabet; readonly maxLanes: number },
): readonly Drawing[] | undefined {
  const { alphabet, maxLanes } = options;
  const place = new Map(rows.map((row, index) => [row.id, index]));
  const drawings: { node: string; links: string[]; rest: string }[] = [];
  /** The revision that each lane leads to; no two lead to the same. */
  const lanes: string[] = [];
  /** Where a lane ended in the row before, with nothing drawn below it. */
  let stub: number | undefined;
  for (const [index, row] of rows.entries()) {
    const parents = [...new Set(row.revises)].filter((id) => (place.get(id) ?? -1) > index);
    let at = lanes.indexOf(row.id);
    if (at < 0) {
      at = lanes.push(row.id) - 1;
      // A node right below another one would look like its parent.
      if (at === stub) drawings.at(-1)?.links.push(verticals(alphabet, at));
    }
    if (Math.max(lanes.length, lanes.length + parents.length - 1) > maxLanes) return undefined;
    const symbol = row.hollow ? alphabet.hollow : alphabet.node;
    const node = verticals(alphabet, lanes.length, new Map([[at, symbol]]));
    const links = passOn(lanes, { at, parents, alphabet });
    stub = parents.length === 0 && links.length === 0 ? at : undefined;
    drawings.push({ node, links, rest: verticals(alphabet, lanes.length) });
  }
  return drawings;
}

/** Puts `parents` in the place of the node in lane `at`; returns the lines that show it. */
function passOn(
  lanes: string[],
  step: { readonly at: number; readonly parents: readonly string[]; readonly alphabet: Alphabet },
): string[] {
  const { at, parents, alphabet } = step;
  const [first, ...others] = parents;
  const links: string[] = [];
  if (first === undefined) return closeGap(lanes, at, alphabet);
  lanes[at] = first;
  if (others.length > 0) {
    lanes.push(...others);
    links.push(forkLine(alphabet, at, { lanes: lanes.length, begun: others.length }));
  }
  // From the right, so that the lanes just begun leave no gap.
  for (const id of [...others.toReversed(), first]) {
    const left = lanes.indexOf(id);
    const right = lanes.lastIndexOf(id);
    if (left === right) continue;
    links.push(joinLine(alphabet, lanes.length, { left, right, corner: alphabet.joint }));
    links.push(...closeGap(lanes, right, alphabet));
  }
  return links;
}

/** Takes lane `at` out; the last lane comes in to its place. */
function closeGap(lanes: string[], at: number, alphabet: Alphabet): string[] {
  const last = lanes.pop();
  if (last === undefined || at === lanes.length) return [];
  lanes[at] = last;
  const right = lanes.length;
  return [joinLine(alphabet, right + 1, { left: at, right, corner: alphabet.resume })];
}

/** The last `begun` of `lanes` leave lane `at`. */
function forkLine(
  alphabet: Alphabet,
  at: number,
  { lanes, begun }: { readonly lanes: number; readonly begun: number },
): string {
  const cells = new Map([[at, alphabet.joint]]);
  for (let lane = lanes - begun; lane < lanes; lane += 1) {
    cells.set(lane, lane === lanes - 1 ? alphabet.begin : alphabet.fork);
  }
  return verticals(alphabet, lanes, cells, { from: at, to: lanes - 1 });
}

/** Lane `right` comes in to the place of lane `left`. */
function joinLine(
  alphabet: Alphabet,
  lanes: number,
  {
    left,
    right,
    corner,
  }: { readonly left: number; readonly right: number; readonly corner: string },
): string {
  const cells = new Map([
    [left, corner],
    [right, alphabet.end],
  ]);
  return verticals(alphabet, lanes, cells, { from: left, to: right });
}

/** All lanes go on but where `cells` has something else; a line runs behind them. */
function verticals(
  alphabet: Alphabet,
  lanes: number,
  cells: ReadonlyMap<number, string> = new Map(),
  behind: { readonly from: number; readonly to: number } = { from: 0, to: 0 },
): string {
  let line = '';
  for (let lane = 0; lane < lanes; lane += 1) {
    if (lane > 0) line += lane > behind.from && lane <= behind.to ? alphabet.across : ' ';
    line += cells.get(lane) ?? alphabet.lane;
  }
  return line;
}
