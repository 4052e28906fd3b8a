/** What is in a connection service file (`pg_service.conf`): named groups of connection settings. */

import { type Keyword, settingsError, toKeyword } from './conninfo-keywords.ts';

/** The settings of the section `[service]` in `text`, or undefined when it has no such section. */
export function readService(
  text: string,
  service: string,
): ReadonlyMap<Keyword, string> | undefined {
  let settings: Map<Keyword, string> | undefined;
  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = rawLine.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (settings !== undefined) return settings;
      if (line === `[${service}]`) settings = new Map();
      continue;
    }
    if (settings === undefined) continue;
    const where = `in line ${index + 1} of the service file`;
    const equals = line.indexOf('=');
    const keyword = equals === -1 ? undefined : toKeyword(line.slice(0, equals).trim(), where);
    if (keyword === undefined || keyword === 'service' || keyword === 'servicefile') {
      throw settingsError(
        `cannot read the setting ${where}`,
        'write keyword=value on each line; a service cannot name another service',
      );
    }
    // libpq keeps the first value of a repeated keyword.
    if (!settings.has(keyword)) settings.set(keyword, line.slice(equals + 1).trim());
  }
  return settings;
}
