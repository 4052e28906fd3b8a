/** `slipway config`: each setting, its value and where it comes from. */

import { SETTING_KEYS, SETTINGS } from '../../config/settings.ts';
import { formatDuration } from '../../core/duration.ts';
import { describeServer } from '../../postgres/connection-settings.ts';
import type { CommandOptions } from '../command-spec.ts';
import { connectionOf } from '../open-connection.ts';
import { type RunContext, wantsColour } from '../run-context.ts';
import { table } from '../table.ts';

/** Prints the settings; secrets are masked. */
export async function configCommand(run: RunContext, options: CommandOptions): Promise<undefined> {
  const { settings, origins, edge } = run;
  const rows = SETTING_KEYS.map((key) => ({
    setting: key,
    value: key === 'lintRules' ? levelsIn(settings.lintRules) : shown(key, settings[key]),
    from: origins[key] ?? 'not set',
    variables: SETTINGS[key].env,
  }));
  const connection = connectionOf(run, settings.url?.reveal());
  const server = {
    server: describeServer(connection),
    user: connection.user,
    password: connection.passwordSource ?? 'none',
    tls: connection.tls.mode,
  };
  if (options['json'] === true) {
    edge.print(`${JSON.stringify({ settings: rows, connection: server })}\n`);
    return;
  }
  edge.print(
    `${table(
      ['SETTING', 'VALUE', 'FROM', 'VARIABLE'],
      rows.map((row) => [row.setting, row.value ?? '-', row.from, row.variables.join(', ')]),
      { colour: wantsColour(edge, edge.stdoutIsTerminal) },
    )}\nconnects to ${server.server} as ${server.user}; password: ${server.password}; sslmode ${server.tls}\n`,
  );
}

const DURATIONS = new Set(['connectTimeout', 'lockWait', 'lockTimeout', 'statementTimeout']);

function levelsIn(levels: RunContext['settings']['lintRules']): string {
  return levels.map(({ rule, level }) => `${rule}=${level}`).join(' ');
}

function shown(key: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.join(', ');
  if (DURATIONS.has(key) && typeof value === 'number') {
    return value === 0 ? 'none' : formatDuration(value);
  }
  return String(value);
}
