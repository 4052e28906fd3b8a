/** Markdown as Biome formats it, so that generated pages and `npm run check` agree. */

import stringWidth from 'string-width';

/** Plain text in which nothing is taken for markup; directives and commands in quotes become code. */
export function prose(text: string): string {
  return text
    .split(/("(?:-- )?slipway[^"]*")/)
    .map((part, index) => (index % 2 === 1 ? `\`${part.slice(1, -1)}\`` : escaped(part)))
    .join('');
}

/** A table with columns as wide as their widest cell. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = titles.map((_, column) =>
    Math.max(3, ...cells.map((row) => stringWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Text as inline code; nothing when there is none. */
export function code(text: string | undefined): string {
  return text === undefined || text === '' ? '' : `\`${text}\``;
}

/** A whole page: what it is, that it is generated, and its parts. */
export function page(title: string, parts: readonly string[]): string {
  const notice = '<!-- Written by `npm run reference`. Change the code, not this page. -->';
  return `${[`# ${title}`, notice, ...parts].join('\n\n')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('*', '\\*');
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - stringWidth(text));
}
