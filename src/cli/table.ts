/** Plain tables for people: columns as wide as they need to be, in any script. */

import { styleText } from 'node:util';
import stringWidth from 'string-width';

/** `rows` under `titles`, two blanks between columns; the last column is not padded. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly colour: boolean },
): string {
  const width = rememberingWidth();
  // The last column is not padded, so that nobody needs to know how wide it is.
  const widths = titles
    .slice(0, -1)
    .map((title, column) =>
      rows.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), width(title)),
    );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const wanted = widths[column];
        return wanted === undefined ? cell : cell + ' '.repeat(wanted - width(cell));
      })
      .join('  ')
      .trimEnd();
  const head = line(titles);
  return `${[options.colour ? styleText('dim', head, { validateStream: false }) : head, ...rows.map(line)].join('\n')}\n`;
}

/** Beyond ASCII a width is slow to find out, and cells repeat themselves. */
function rememberingWidth(): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    const width = stringWidth(text);
    known.set(text, width);
    return width;
  };
}
