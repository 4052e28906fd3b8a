/** Every command, in the order in which help lists them. */

import { ANSWERING_COMMANDS } from './answering-commands.ts';
import { AUTHORING_COMMANDS } from './authoring-commands.ts';
import type { CommandSpec } from './command-spec.ts';
import { RUNNING_COMMANDS } from './running-commands.ts';

/** The commands under the headings that help lists them under. */
export const COMMAND_GROUPS: readonly {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}[] = [
  { title: 'Revisions:', commands: AUTHORING_COMMANDS },
  { title: 'Database:', commands: RUNNING_COMMANDS },
  { title: 'Answers:', commands: ANSWERING_COMMANDS },
];

/** Every command: its name, arguments, flags and examples. */
export const COMMANDS: readonly CommandSpec[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
