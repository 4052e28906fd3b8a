/** Plain tables for people: columns as wide as they need to be, in any script. */

import { styleText } from 'node:util';
import stringWidth from 'string-width';

/** `rows` under `titles`, two blanks between columns; the last column is not padded. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly colour: boolean },
): string {
  const widths = titles.map((title, column) =>
    Math.max(stringWidth(title), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === cells.length - 1
          ? cell
          : cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)),
      )
      .join('  ')
      .trimEnd();
  const head = line(titles);
  return `${[options.colour ? styleText('dim', head, { validateStream: false }) : head, ...rows.map(line)].join('\n')}\n`;
}
