/** What the command line needs to know of a command. */

import type { Option } from 'commander';
import type { SettingGroup } from '../config/settings.ts';
import type { RunContext } from './run-context.ts';

/** Options that are no settings, as commander parsed them. */
export type CommandOptions = { readonly [name: string]: unknown };

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in commander's notation, each with its meaning. */
  readonly args?: readonly (readonly [string, string])[];
  /** Which groups of settings are flags of this command. */
  readonly groups: readonly SettingGroup[];
  readonly options?: readonly (readonly [string, string] | Option)[];
  readonly examples: readonly (readonly [string, string])[];
  /** More about it, below the summary. */
  readonly about?: string;
  /** Whether everything behind the name belongs to another program. */
  readonly passThrough?: boolean;
  run(
    run: RunContext,
    options: CommandOptions,
    args: readonly string[],
  ): Promise<number | undefined>;
}
