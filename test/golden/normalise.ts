/** Puts a fixed word in place of whatever differs from one run to the next. */

/** `text` with everything volatile named instead of shown. */
export function normalise(
  text: string,
  known: { readonly root: string; readonly url: string },
): string {
  const { host, pathname } = new URL(known.url);
  return (
    text
      .replaceAll(known.root, '<project>')
      .replaceAll(host, '<server>')
      .replaceAll(pathname, '/<database>')
      .replaceAll(pathname.slice(1), '<database>')
      // Said only when it took long.
      .replace(/^.*migration lock obtained in .*\n/gm, '')
      .replace(/"time":"[^"]+"/g, '"time":"<time>"')
      .replace(/"runId":"\w+"/g, '"runId":"<run>"')
      .replace(/"(durationMs|pid|ageMs|waitedMs)":[\d.]+/g, '"$1":0')
      .replace(/"serverVersion":"[^"]+"/g, '"serverVersion":"<version>"')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00)?/g, '<time>')
      .replace(/\b\d+(\.\d+)? (ms|s|min|h)\b/g, '<duration>')
      .replace(/\b\d{14}_/g, '<stamp>_')
  );
}
