/** Sizes as Postgres reads and writes them, a kB being 1024 bytes. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `512 B`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** Bytes in `text`, or undefined when it is no size. A unit is required, save for `0`. */
export function parseBytes(text: string): number | undefined {
  const [, value = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const power = UNITS.findIndex((each) => each.toLowerCase() === unit.toLowerCase());
  if (power === -1) return text.trim() === '0' ? 0 : undefined;
  const bytes = Number(value) * 1024 ** power;
  return bytes <= Number.MAX_SAFE_INTEGER ? Math.round(bytes) : undefined;
}
