/** File names out of messages in any script. */

import { describe, expect, it } from 'vitest';
import { slugOf } from '../../../src/authoring/slug.ts';

describe('a slug', () => {
  it.each([
    ['Add phone to users', 'add_phone_to_users'],
    ['  --weird//PATH..\\chars!  ', 'weird_path_chars'],
    ['../../etc/passwd', 'etc_passwd'],
    ['drop it...', 'drop_it'],
    ['v2.0 ½ ﬁnal Ａ', 'v2_0_1_2_final_a'],
    ['Größe ändern, déjà vu', 'grosse_andern_deja_vu'],
    ['Łódź, Ærø, Þór, œuvre', 'lodz_aero_thor_oeuvre'],
    ['İSTANBUL ılık', 'istanbul_ilik'],
    ['STRASSE ẞ', 'strasse_ss'],
    ['전화번호 추가', '전화번호_추가'],
    ['전화번호 추가'.normalize('NFD'), '전화번호_추가'],
    ['ㅋㅋ 삭제', 'ㅋㅋ_삭제'],
    ['電話番号を追加', '電話番号を追加'],
    ['が'.normalize('NFD'), 'が'],
    ['हिन्दी नाम', 'हिन्दी_नाम'],
    ['הוסף טלפון', 'הוסף_טלפון'],
    ['\u202eأضف هاتف\u202c', 'أضف_هاتف'],
    ['✨ 👩‍👩‍👧 ❤️', 'revision'],
    ['ship it 🚀 now', 'ship_it_now'],
    ['1️⃣ first', '1_first'],
    ['', 'revision'],
    ['!!! ...', 'revision'],
    ['CON', 'con'],
    ['a\nb\tc\0d', 'a_b_c_d'],
  ])('of %j is %s', (text, slug) => expect(slugOf(text)).toBe(slug));

  it('is the same however the characters are composed', () => {
    for (const text of ['Größe', '전화번호', 'が', 'ḍ̇', 'Ёлка']) {
      expect(slugOf(text.normalize('NFD'))).toBe(slugOf(text.normalize('NFC')));
      expect(slugOf(text)).toBe(slugOf(text).normalize('NFC'));
    }
  });

  it('is cut between words', () => {
    const slug = slugOf('word '.repeat(60));
    expect([...slug].length).toBeLessThanOrEqual(60);
    expect(slug).toMatch(/^word(_word)*$/);
  });

  it.each(['x'.repeat(500), '가'.repeat(500), '𠮷'.repeat(500), 'e\u0301'.repeat(500)])(
    'leaves room for the rest of a file name of 255 bytes',
    (text) => {
      const slug = slugOf(text);
      expect(slug.length).toBeGreaterThan(10);
      expect(slug.isWellFormed()).toBe(true);
      expect(Buffer.byteLength(`20260102030405_${slug}.sql`)).toBeLessThanOrEqual(255);
    },
  );
});
