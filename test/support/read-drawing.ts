/** Reads a drawn graph as an eye does: from each node down along the lines, to the nodes they reach. */

/** One line of a drawing. */
export interface Line {
  readonly text: string;
  /** The row whose node is on this line. */
  readonly node: number | undefined;
}

type Arm = 'up' | 'down' | 'left' | 'right';

const ARMS: { readonly [glyph: string]: readonly Arm[] } = {
  '│': ['up', 'down'],
  '─': ['left', 'right'],
  '├': ['up', 'down', 'right'],
  '┬': ['left', 'right', 'down'],
  '╮': ['left', 'down'],
  '╯': ['left', 'up'],
  '╭': ['right', 'down'],
  '●': ['up', 'down'],
  '○': ['up', 'down'],
  ' ': [],
};

const NODES = ['●', '○'];

/** For each row, the rows that its node is connected to further down. */
export function readDrawing(lines: readonly Line[]): ReadonlyMap<number, ReadonlySet<number>> {
  checkUpperEnds(lines);
  const edges = new Map<number, ReadonlySet<number>>();
  for (const [index, { text, node }] of lines.entries()) {
    if (node === undefined) continue;
    const reached = new Set<number>();
    const x = [...text].findIndex((glyph) => NODES.includes(glyph));
    if (hasArm(lines, index + 1, x, 'up')) goDown(lines, { y: index + 1, x }, reached);
    edges.set(node, reached);
  }
  return edges;
}

/** How many lanes come in to the line from above, and leave it downwards. */
export function lanesOf(line: Line): { readonly above: number; readonly below: number } {
  const count = (arm: Arm): number =>
    [...line.text].filter((glyph) => ARMS[glyph]?.includes(arm)).length;
  return { above: count('up'), below: count('down') };
}

/** An ASCII drawing with the box characters that its characters stand for. */
export function toBoxes(text: string): string {
  const glyphs = [...text];
  return glyphs
    .map((glyph, x) => {
      const before = glyphs[x - 1] ?? ' ';
      const behind = glyphs[x + 1] ?? ' ';
      switch (glyph) {
        case '*':
          return '●';
        case 'o':
          return '○';
        case '-':
          return '─';
        case '\\':
          return '╮';
        case '.':
          return '┬';
        case '/':
          return before === '-' ? '╯' : '╭';
        case '|':
          return behind === '-' && before !== '-' ? '├' : '│';
        default:
          return glyph;
      }
    })
    .join('');
}

interface Cell {
  readonly y: number;
  readonly x: number;
}

function goDown(lines: readonly Line[], { y, x }: Cell, reached: Set<number>): void {
  const glyph = glyphAt(lines, y, x);
  if (!hasArm(lines, y, x, 'up')) throw new Error(`a lane ends nowhere at ${y}:${x} "${glyph}"`);
  if (NODES.includes(glyph)) {
    reached.add(lines[y]?.node ?? -1);
    return;
  }
  for (const arm of ARMS[glyph] ?? []) {
    if (arm === 'down') goDown(lines, { y: y + 1, x }, reached);
    if (arm === 'left') goAcross(lines, { y, x: x - 1 }, { step: -1, reached });
    if (arm === 'right') goAcross(lines, { y, x: x + 1 }, { step: 1, reached });
  }
}

function goAcross(
  lines: readonly Line[],
  { y, x }: Cell,
  way: { readonly step: 1 | -1; readonly reached: Set<number> },
): void {
  const { step, reached } = way;
  const glyph = glyphAt(lines, y, x);
  const on = { y, x: x + step };
  // It passes behind a lane that it does not touch.
  if (glyph === '│' && glyphAt(lines, y, x + step) === '─') {
    goAcross(lines, on, way);
    return;
  }
  const [from, to]: readonly [Arm, Arm] = step === 1 ? ['left', 'right'] : ['right', 'left'];
  if (!hasArm(lines, y, x, from)) throw new Error(`a line ends nowhere at ${y}:${x} "${glyph}"`);
  if (hasArm(lines, y, x, to)) goAcross(lines, on, way);
  if (hasArm(lines, y, x, 'down')) goDown(lines, { y: y + 1, x }, reached);
}

/** Nothing but a node may begin without anything above it. */
function checkUpperEnds(lines: readonly Line[]): void {
  for (const [y, { text }] of lines.entries()) {
    for (const [x, glyph] of [...text].entries()) {
      if (ARMS[glyph] === undefined) throw new Error(`"${glyph}" is no part of a drawing`);
      if (NODES.includes(glyph) || !hasArm(lines, y, x, 'up')) continue;
      if (!hasArm(lines, y - 1, x, 'down'))
        throw new Error(`nothing is above ${y}:${x} "${glyph}"`);
    }
  }
}

function hasArm(lines: readonly Line[], y: number, x: number, arm: Arm): boolean {
  return ARMS[glyphAt(lines, y, x)]?.includes(arm) === true;
}

function glyphAt(lines: readonly Line[], y: number, x: number): string {
  return lines[y]?.text.charAt(x) || ' ';
}
