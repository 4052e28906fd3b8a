/** The full command line: every command, its flags, its help. Loaded when the fast path does not fit. */

import { Command, CommanderError, Option } from 'commander';
import type { RawSettings } from '../config/load.ts';
import { SETTING_KEYS, SETTINGS, type SettingGroup, type SettingKey } from '../config/settings.ts';
import { EXIT, UsageError } from '../core/errors.ts';
import { ownFailure } from '../runner/failure.ts';
import { COMMAND_GROUPS } from './command-list.ts';
import type { CommandOptions, CommandSpec } from './command-spec.ts';
import type { Edge } from './edge.ts';
import type { Handover } from './handover.ts';
import { type Call, perform } from './perform.ts';
import { VERSION } from './version.ts';

/** Parses the arguments and runs the command; returns the exit code. */
export async function runProgram(edge: Edge, handover?: Handover): Promise<number> {
  let exitCode: number = EXIT.ok;
  const onExit = (code: number): void => {
    exitCode = code;
  };
  const program = buildProgram(edge, onExit, handover);
  if (edge.argv.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync(edge.argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    return perform(edge, callOf(edge.argv[0] ?? 'slipway', {}, edge), async () => {
      throw usageError(error);
    });
  }
}

/** The commander program with all commands. */
export function buildProgram(
  edge: Edge,
  onExit: (code: number) => void,
  handover?: Handover,
): Command {
  const program = new Command('slipway')
    .description('Migrates a Postgres schema, on a laptop and in Kubernetes.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: edge.print,
      // What is wrong is reported once, by `perform`.
      writeErr: () => undefined,
    });
  for (const { title, commands } of COMMAND_GROUPS) {
    for (const spec of commands) {
      addCommand(program, spec, { edge, onExit, handover }).helpGroup(title);
    }
  }
  return program;
}

interface Wiring {
  readonly edge: Edge;
  readonly onExit: (code: number) => void;
  readonly handover: Handover | undefined;
}

function addCommand(program: Command, spec: CommandSpec, wiring: Wiring): Command {
  const { edge, onExit, handover } = wiring;
  const command = program
    .command(spec.name)
    .summary(spec.summary)
    .description(spec.about === undefined ? spec.summary : `${spec.summary}\n\n${spec.about}`)
    .showSuggestionAfterError(true);
  if (spec.passThrough === true) command.passThroughOptions();
  for (const [name, meaning] of spec.args ?? []) command.argument(name, meaning);
  for (const option of spec.options ?? []) {
    command.addOption(option instanceof Option ? option : new Option(option[0], option[1]));
  }
  for (const key of SETTING_KEYS) {
    const option = settingOption(key, spec.groups);
    if (option !== undefined) command.addOption(option);
  }
  command.addOption(new Option('--config <file>', 'config file (slipway.config.{ts,mjs,json})'));
  command.addHelpText('after', examplesOf(spec));
  command.action(async (...received: unknown[]) => {
    const own = command.opts<CommandOptions>();
    const args = received
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    const configFile = typeof own['config'] === 'string' ? own['config'] : undefined;
    const call = {
      ...callOf(spec.name, flagsOf(command, spec.groups), edge),
      configFile,
      handover,
    };
    onExit(await perform(edge, call, (run) => spec.run(run, own, args)));
  });
  return command;
}

function callOf(name: string, flags: RawSettings, { signal }: Edge): Call {
  const translate = (error: unknown): unknown =>
    ownFailure(error, `${name}: working with the history schema`, signal.aborted);
  return { name, flags, translate, warnings: true };
}

function settingOption(key: SettingKey, groups: readonly SettingGroup[]): Option | undefined {
  const { flag, placeholder, help, env, fallback, group, bare } = SETTINGS[key];
  if (flag === undefined || !groups.includes(group)) return undefined;
  const notes = [
    env[0],
    fallback === undefined || fallback === '' ? undefined : `default ${fallback}`,
  ];
  const note = notes.filter((part) => part !== undefined).join(', ');
  const text = `${help}${note === '' ? '' : ` (${note})`}`;
  const value = placeholder ?? 'value';
  if (bare === undefined) return new Option(`--${flag} <${value}>`, text);
  return new Option(`--${flag} [${value}]`, text).preset(bare);
}

function flagsOf(command: Command, groups: readonly SettingGroup[]): RawSettings {
  const given = command.opts<CommandOptions>();
  const flags: { [K in SettingKey]?: string } = {};
  for (const key of SETTING_KEYS) {
    const { flag, group } = SETTINGS[key];
    if (flag === undefined || !groups.includes(group)) continue;
    const value = given[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags;
}

function examplesOf(spec: CommandSpec): string {
  const width = Math.max(...spec.examples.map(([line]) => line.length));
  const lines = spec.examples.map(([line, meaning]) => `  ${line.padEnd(width)}  ${meaning}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

function usageError(error: CommanderError): UsageError {
  const [first = '', second] = error.message.replace(/^error: /, '').split('\n');
  if (/'--targets(-sql)?'/.test(first)) {
    return new UsageError('SLIPWAY_USAGE', first, {
      hint: 'Only upgrade and status work on a list of targets: run this command for one database, with --url.',
    });
  }
  const guess = second?.replace(/^\(/, '').replace(/\)$/, '');
  return new UsageError('SLIPWAY_USAGE', first, {
    hint: guess ?? 'slipway --help lists the commands; slipway help COMMAND its flags.',
  });
}
