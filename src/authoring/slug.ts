/** File names out of what people write, in any script. */

const LONGEST = 60;
/** File systems allow 255 bytes; the time in front and the ending take 19. */
const LONGEST_BYTES = 200;

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
    if (!isShort(longer)) break;
    slug = longer;
  }
  return slug || cut(words[0] ?? '') || 'revision';
}

function isShort(text: string): boolean {
  return [...text].length <= LONGEST && new TextEncoder().encode(text).length <= LONGEST_BYTES;
}

function cut(word: string): string {
  const letters = [...word];
  while (!isShort(letters.join(''))) letters.pop();
  return letters.join('');
}
