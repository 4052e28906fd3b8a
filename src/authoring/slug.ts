/** File names out of what people write, in any script. */

const LONGEST = 60;
/** File systems allow 255 bytes; the time in front and the ending take 19. */
const LONGEST_BYTES = 200;

/** Latin letters that are no plain letter with an accent, as they are written without their own key. */
const LATIN: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
};

/** What changes how a character looks and not what it is: variation selectors, keycaps, joiners. */
const LOOKS = /[\u200d\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}\p{Enclosing_Mark}]/gu;

/**
 * Lower-case letters and digits of `text`, joined by underscores. Latin letters become plain ones;
 * letters of other scripts stay as they are, since file systems and git can hold them.
 */
export function slugOf(text: string): string {
  const plain = text
    // Compatibility forms become plain ones; single Korean letters (ㅋ) would fall apart by that.
    .replace(/[^\p{Script=Hangul}]+/gu, (others) => others.normalize('NFKD'))
    // Marks of the Latin alphabet only: elsewhere they are part of the letter.
    .replace(/(?<=\p{Script=Latin})\p{Mark}+/gu, '')
    .replace(LOOKS, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/\p{Script=Latin}/gu, (letter) => LATIN[letter] ?? letter);
  const words = plain.match(/[\p{Letter}\p{Number}][\p{Letter}\p{Number}\p{Mark}]*/gu) ?? [];
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
