/** Made-up texts, for columns whose checks nobody told us about. */

/** What a text is for. */
export interface TextRequest {
  /** Of the column. */
  readonly name: string;
  /** Counted from 0. */
  readonly row: number;
  readonly literals: readonly string[];
}

/** Texts in shapes that checks ask for: words, addresses, codes, digits. */
export function sampleTexts(
  length: number,
  { name, row, literals }: TextRequest,
): readonly string[] {
  const n = row + 1;
  const word = `${name.slice(0, 20)} ${n}`;
  const code = letters(row);
  const fits = (text: string): boolean => [...text].length <= length;
  const all = [
    ...(fits(word) ? [word] : [String(n).slice(-length)]),
    ...rotated(literals, row),
    `user${n}@example.com`,
    `sample-${n}`,
    `sample_${n}`,
    `sample${letters(row).toLowerCase()}`,
    `+4670000${String(n).padStart(4, '0')}`,
    code,
    code.toLowerCase(),
    `${code}A`,
    String(n),
    String(n).padStart(4, '0'),
    String(n).padStart(10, '1'),
    `https://example.com/${n}`,
    `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    n.toString(16).padStart(32, '0'),
    n.toString(16).padStart(40, '0'),
    n.toString(16).padStart(64, '0'),
    `2026-01-${String((n % 27) + 1).padStart(2, '0')}`,
    `#${String(n).padStart(6, '0')}`,
    '{}',
    `Sample text number ${n}, of some length, with a few words in it.`,
    code.slice(0, 1),
    '',
  ];
  const email = all.indexOf(`user${n}@example.com`);
  const first = /mail/i.test(name) ? [all[email] ?? ''] : [];
  return [...first, ...all].filter(fits);
}

/** `AA`, `AB`, …: like the codes of countries. */
function letters(row: number): string {
  const letter = (index: number): string => String.fromCharCode(65 + (index % 26));
  return letter(Math.floor(row / 26)) + letter(row);
}

/** The items from the one at `by` on, and then those before it. */
export function rotated<T>(items: readonly T[], by: number): readonly T[] {
  if (items.length === 0) return items;
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
