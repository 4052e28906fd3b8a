/** Whether a terminal can show more than ASCII. */

/** As its locale says; the console of a Linux machine has the fonts for little. */
export function showsUnicode(env: { readonly [name: string]: string | undefined }): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find(Boolean) ?? '';
  const plain = env['TERM'] === 'linux' || env['TERM'] === 'dumb';
  return !plain && /utf-?8/i.test(locale);
}
