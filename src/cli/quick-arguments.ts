/**
 * Reads the command lines that pods use, without loading the whole command-line parser. What it does
 * not understand at once it leaves to `program.ts`, which knows everything and explains mistakes.
 */

import { parseArgs } from 'node:util';
import type { RawSettings } from '../config/load.ts';
import { SETTING_KEYS, SETTINGS, type SettingKey } from '../config/settings.ts';

export interface QuickArguments {
  readonly command: 'upgrade' | 'run';
  readonly target: string | undefined;
  readonly flags: RawSettings;
  readonly json: boolean;
  /** What stands behind `--`. */
  readonly program: readonly string[];
}

/** The arguments of a plain `upgrade` or `run`; undefined for anything else. */
export function readQuickArguments(argv: readonly string[]): QuickArguments | undefined {
  const [command, ...rest] = argv;
  if (command !== 'upgrade' && command !== 'run') return undefined;
  const split = rest.indexOf('--');
  const own = split < 0 ? rest : rest.slice(0, split);
  const program = split < 0 ? [] : rest.slice(split + 1);
  if ((command === 'run') !== program.length > 0) return undefined;
  try {
    const { values, positionals } = parseArgs({
      args: own,
      options: OPTIONS,
      allowPositionals: true,
    });
    if (positionals.length > (command === 'run' ? 0 : 1)) return undefined;
    const given: { readonly [flag: string]: unknown } = values;
    const flags: { [K in SettingKey]?: string } = {};
    for (const key of SETTING_KEYS) {
      const value = given[SETTINGS[key].flag ?? ''];
      if (typeof value === 'string') flags[key] = value;
    }
    return { command, target: positionals[0], flags, json: given['json'] === true, program };
  } catch {
    return undefined;
  }
}

const OPTIONS = {
  ...Object.fromEntries(
    SETTING_KEYS.flatMap((key) => {
      const { flag, group } = SETTINGS[key];
      // What is about many databases is for the full program.
      return flag === undefined || group === 'fleet' ? [] : [[flag, { type: 'string' as const }]];
    }),
  ),
  json: { type: 'boolean' as const },
};
