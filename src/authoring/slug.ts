/** File names out of what people write, in any script. */

const LONGEST = 60;

/**
 * Lower-case letters and digits of `text`, joined by underscores. Accents are taken off; letters of
 * other scripts stay as they are, since file systems and git can hold them.
 */
export function slugOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    // Marks of the Latin alphabet only: elsewhere they are part of the letter.
    .replace(/(?<=\p{Script=Latin})\p{Mark}+/gu, '')
    .normalize('NFC')
    .toLowerCase();
  const words = plain.match(/[\p{Letter}\p{Number}\p{Mark}]+/gu) ?? [];
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? word : `${slug}_${word}`;
    if ([...longer].length > LONGEST) break;
    slug = longer;
  }
  return slug || [...words.join('_')].slice(0, LONGEST).join('') || 'revision';
}
