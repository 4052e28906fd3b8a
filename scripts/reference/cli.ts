/** The page of commands. */

import type { Command, Option } from 'commander';
import { COMMANDS } from '../../src/cli/command-list.ts';
import type { CommandSpec } from '../../src/cli/command-spec.ts';
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingDefinition,
  type SettingGroup,
} from '../../src/config/settings.ts';
import { code, page, prose, table } from './markdown.ts';
import { inertProgram } from './program.ts';

const GROUP_TITLES: { readonly [G in Exclude<SettingGroup, 'pod'>]: string } = {
  database: 'Database',
  release: 'Release',
  run: 'Run',
  rollout: 'Rollout',
  backup: 'Backups',
  fleet: 'Fleets',
  sidecar: 'Sidecar',
  lint: 'Linting',
  scratch: 'Scratch databases',
  output: 'Output',
};
const GROUPS = Object.keys(GROUP_TITLES) as readonly Exclude<SettingGroup, 'pod'>[];

/** `docs/reference/cli.md`. */
export function cliPage(): string {
  const program = inertProgram();
  const commands = COMMANDS.flatMap((spec) => {
    const command = program.commands.find((each) => each.name() === spec.name);
    return command === undefined ? [] : [{ spec, command }];
  });
  return page('Commands', [
    'The answer is on standard output, the log on standard error. `--help` behind any command shows the same as this page. Exit codes are in [errors.md](errors.md).',
    table(
      ['command', 'does'],
      commands.map(({ spec }) => [`[\`${spec.name}\`](#${spec.name})`, prose(spec.summary)]),
    ),
    ...commands.flatMap(({ spec, command }) => commandSection(spec, command)),
    '## Shared flags',
    'Each of them is a setting and can come from the environment or the config file as well: [config.md](config.md).',
    ...GROUPS.flatMap(groupSection),
    '### Everywhere',
    table(
      ['flag', 'meaning'],
      [
        ['`--config <file>`', 'config file (`slipway.config.{ts,mjs,json}`)'],
        ...[...program.createHelp().visibleOptions(program)].map(optionRow),
      ],
    ),
  ]);
}

function commandSection(spec: CommandSpec, command: Command): readonly string[] {
  const own = command.options.filter((option) => !option.hidden && !isShared(option, spec.groups));
  const shared = GROUPS.filter((group) => spec.groups.includes(group)).map(
    (group) => `[${GROUP_TITLES[group].toLowerCase()}](#${GROUP_TITLES[group].toLowerCase()})`,
  );
  return [
    `## ${spec.name}`,
    `${sentence(spec.summary)}${spec.about === undefined ? '' : ` ${prose(spec.about)}`}`,
    `\`\`\`text\nslipway ${spec.name} ${command.usage()}\n\`\`\``,
    ...(command.registeredArguments.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            command.registeredArguments.map((argument) => [
              code(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`),
              prose(argument.description),
            ]),
          ),
        ]),
    ...(own.length === 0 ? [] : [table(['flag', 'meaning'], own.map(optionRow))]),
    `Shared flags: ${shared.join(', ')}.`,
    table(
      ['example', ''],
      spec.examples.map(([line, meaning]) => [code(line), prose(meaning)]),
    ),
  ];
}

function groupSection(group: Exclude<SettingGroup, 'pod'>): readonly string[] {
  const rows = SETTING_KEYS.flatMap((key) => {
    const setting: SettingDefinition = SETTINGS[key];
    if (setting.group !== group || setting.flag === undefined) return [];
    return [
      [
        code(
          setting.bare === undefined
            ? `--${setting.flag} <${setting.placeholder}>`
            : `--${setting.flag}[=${setting.placeholder}]`,
        ),
        prose(setting.help),
        code(setting.fallback),
      ],
    ];
  });
  return [`### ${GROUP_TITLES[group]}`, table(['flag', 'meaning', 'default'], rows)];
}

function optionRow(option: Option): readonly string[] {
  const notes = [
    option.mandatory ? 'required' : undefined,
    option.argChoices === undefined ? undefined : option.argChoices.join(' or '),
    option.defaultValue === undefined ? undefined : `default ${String(option.defaultValue)}`,
  ].filter((note) => note !== undefined);
  const note = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  return [code(option.flags), prose(`${option.description}${note}`)];
}

function isShared(option: Option, groups: readonly SettingGroup[]): boolean {
  if (option.long === '--config') return true;
  return SETTING_KEYS.some(
    (key) => groups.includes(SETTINGS[key].group) && `--${SETTINGS[key].flag}` === option.long,
  );
}

function sentence(text: string): string {
  return `${prose(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}
