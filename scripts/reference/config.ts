/** The page of settings. */

import {
  SETTING_KEYS,
  SETTINGS,
  type SettingDefinition,
  type SettingGroup,
} from '../../src/config/settings.ts';
import { code, page, prose, table } from './markdown.ts';

const GROUPS: { readonly [G in SettingGroup]: string } = {
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
  pod: 'Pod',
};

/** `docs/reference/config.md`. */
export function configPage(): string {
  return page('Settings', [
    'The strongest source wins: flag, then environment variable, then config file, then default. An empty variable counts as not set. `slipway config` shows every setting and where it comes from, with secrets masked.',
    'Durations are written with a unit: `500ms`, `3s`, `5m`, `2h`.',
    ...(Object.keys(GROUPS) as readonly SettingGroup[]).flatMap(groupSection),
    '## Config file',
    'slipway reads the first of `slipway.config.ts`, `slipway.config.mjs` and `slipway.config.json` in the working directory, or the one that `--config` names. Its default export is an object; the keys are the names in the first column above. An unknown key is an error that names the nearest one. A TypeScript file needs the package `tsx`, which an image with slipway alone does not have.',
    '```json\n{\n  "dir": "migrations",\n  "lockWait": "10m",\n  "hazards": "refuse"\n}\n```',
    '## Connecting',
    'Without `--url`, `DATABASE_URL` and `DATABASE_URL_FILE`, the settings of libpq apply: `PGHOST`, `PGSERVICE`, `~/.pgpass` and so on. [connection.md](connection.md) has them all.',
  ]);
}

function groupSection(group: SettingGroup): readonly string[] {
  const keys = SETTING_KEYS.filter((key) => SETTINGS[key].group === group);
  return [
    `## ${GROUPS[group]}`,
    table(
      ['setting', 'flag', 'environment', 'default', 'meaning'],
      keys.map((key) => {
        const setting: SettingDefinition = SETTINGS[key];
        return [
          code(key),
          code(setting.flag === undefined ? undefined : `--${setting.flag}`),
          setting.env.map(code).join(', '),
          code(setting.fallback),
          `${prose(setting.help)}${setting.secret ? ' (secret)' : ''}`,
        ];
      }),
    ),
  ];
}
