/** Settings from flags, environment, config file and defaults. */

import { describe, expect, it } from 'vitest';
import {
  loadSettings,
  type RawSettings,
  readConfigValues,
  type SettingSources,
} from '../../../src/config/load.ts';
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingDefinition,
  type SettingKey,
} from '../../../src/config/settings.ts';
import { SlipwayError } from '../../../src/core/errors.ts';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';

const FILE = 'slipway.config.json';

function load({
  flags = {},
  env = {},
  file,
}: Partial<SettingSources> & { file?: { values: RawSettings; path: string } } = {}) {
  return loadSettings({ flags, env, file });
}
const inFile = (values: RawSettings) => ({ path: FILE, values });

function refusal(work: () => unknown): SlipwayError {
  try {
    work();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('settings', () => {
  it('have defaults', () => {
    const { settings, origins, warnings } = load();
    expect(settings).toMatchObject({
      historySchema: 'slipway',
      dir: 'migrations',
      bundle: undefined,
      role: undefined,
      connectTimeout: 60_000,
      lockWait: 300_000,
      lockTimeout: 3000,
      lockRetries: 10,
      statementTimeout: 0,
      phase: 'all',
      onAhead: 'refuse',
      hazards: DEFAULT_HAZARD_POLICIES,
      hazardSize: 16 * 1024 ** 2,
      approve: [],
      logFormat: 'auto',
      logLevel: 'info',
      url: undefined,
    });
    expect(origins.dir).toBe('default');
    expect(origins.role).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<SettingSources>, string, string]>([
    [
      'a flag',
      { flags: { dir: 'f' }, env: { SLIPWAY_DIR: 'e' }, file: inFile({ dir: 'c' }) },
      'f',
      '--dir',
    ],
    [
      'the environment',
      { env: { SLIPWAY_DIR: 'e' }, file: inFile({ dir: 'c' }) },
      'e',
      'SLIPWAY_DIR',
    ],
    ['the config file', { file: inFile({ dir: 'c' }) }, 'c', FILE],
    ['the default', {}, 'migrations', 'default'],
    ['not an empty variable', { env: { SLIPWAY_DIR: '' }, file: inFile({ dir: 'c' }) }, 'c', FILE],
  ])('come from the strongest source: %s', (_, sources, value, origin) => {
    const { settings, origins } = load(sources as Parameters<typeof load>[0]);
    expect([settings.dir, origins.dir]).toEqual([value, origin]);
  });

  it('are read into what they mean', () => {
    const { settings } = load({
      env: {
        SLIPWAY_APPROVE: 'a1, b2  c3,',
        SLIPWAY_STATEMENT_TIMEOUT: 'none',
        SLIPWAY_LOCK_WAIT: '1.5m',
        SLIPWAY_LOCK_RETRIES: '0',
      },
    });
    expect(settings).toMatchObject({
      approve: ['a1', 'b2', 'c3'],
      statementTimeout: 0,
      lockWait: 90_000,
      lockRetries: 0,
    });
  });

  it('give lint rules severities', () => {
    const { settings } = load({
      env: { SLIPWAY_LINT_RULES: ' drop-table=off, naming=warning\nnaming=error' },
      flags: { lintPostgres: '16' },
    });
    expect(settings.lintRules).toEqual([
      { rule: 'drop-table', level: 'off' },
      { rule: 'naming', level: 'warning' },
      { rule: 'naming', level: 'error' },
    ]);
    expect(settings.lintPostgres).toBe(16);
    expect(load().settings).toMatchObject({
      lintRules: [],
      lintPostgres: 14,
      lintAfter: undefined,
      lintNaming: undefined,
    });
  });

  it.each<[Partial<SettingSources>, SettingKey, string]>([
    [{ flags: { lockWait: 'soon' } }, 'lockWait', '--lock-wait'],
    [{ env: { SLIPWAY_LOCK_TIMEOUT: '3' } }, 'lockTimeout', 'SLIPWAY_LOCK_TIMEOUT'],
    [{ env: { SLIPWAY_LOCK_RETRIES: '-1' } }, 'lockRetries', 'SLIPWAY_LOCK_RETRIES'],
    [{ file: inFile({ phase: 'later' }) }, 'phase', FILE],
    [{ flags: { dir: '' } }, 'dir', '--dir'],
    [{ flags: { logLevel: 'loud' } }, 'logLevel', '--log-level'],
    [{ env: { SLIPWAY_LINT_RULES: 'drop-table' } }, 'lintRules', 'SLIPWAY_LINT_RULES'],
    [{ file: inFile({ lintRules: 'drop-table=loud' }) }, 'lintRules', FILE],
    [{ flags: { lintPostgres: '9' } }, 'lintPostgres', '--postgres'],
    [{ env: { SLIPWAY_LINT_NAMING: '(' } }, 'lintNaming', 'SLIPWAY_LINT_NAMING'],
    [{ flags: { statementTimeout: 'never' } }, 'statementTimeout', '--statement-timeout'],
  ])('that make no sense name their origin and what is expected: %j', (sources, key, origin) => {
    const error = refusal(() => load(sources as Parameters<typeof load>[0]));
    expect([error.code, error.exitCode]).toEqual(['SLIPWAY_CONFIG_INVALID', 10]);
    expect(error.details).toEqual({ setting: key, origin });
    expect(error.message).toMatch(/must/);
    expect(error.hint).toContain(key);
  });

  it.each(SETTING_KEYS.filter((key) => SETTINGS[key].secret))('never echo %s', (key) => {
    const definition: SettingDefinition = SETTINGS[key];
    const [variable = ''] = definition.env;
    const value = 'postgres://u:hunter2@h/d';
    const loaded = load({ env: { [variable]: value } });
    expect(JSON.stringify(loaded)).not.toContain('hunter2');
    const { message, hint, details } = refusal(() => load({ flags: { [key]: '' } }));
    expect(`${message}${hint}${JSON.stringify(details)}`).not.toContain('hunter2');
  });

  it('warn of variables that are nearly one of ours, and of those only', () => {
    const { warnings } = load({
      env: {
        SLIPWAY_LOCKWAIT: '5m',
        SLIPWAY_SERVICE_HOST: '10.0.0.1',
        SLIPWAY_PORT: 'tcp://x',
        SLIPWAY_PORT_80_TCP: 'x',
        SLIPWAY_DIR: 'd',
        UNRELATED: '1',
        SLIPWAY_TEST_X: '1',
      },
    });
    expect(warnings).toEqual([
      'SLIPWAY_LOCKWAIT is not a setting; did you mean SLIPWAY_LOCK_WAIT?',
    ]);
  });
});

describe('the table of settings', () => {
  it('gives each flag and each variable to one setting', () => {
    const flags = SETTING_KEYS.flatMap((key) => SETTINGS[key].flag ?? []);
    const variables = SETTING_KEYS.flatMap((key) => [...SETTINGS[key].env]);
    expect(new Set(flags).size).toBe(flags.length);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it.each(SETTING_KEYS)('%s can be read, is described, and can be set', (key) => {
    const definition: SettingDefinition = SETTINGS[key];
    expect(definition.help).toMatch(/^[^A-Z].*[^.]$|^(DATABASE|Downward)/);
    expect(definition.flag !== undefined || definition.env.length > 0).toBe(true);
    if (definition.fallback === undefined) return;
    expect(definition.schema.safeParse(definition.fallback).success).toBe(true);
  });
});

describe('a config file', () => {
  it('holds text, numbers and lists', () => {
    expect(readConfigValues(FILE, { dir: 'd', lockRetries: 3, approve: ['a', 'b'] })).toEqual({
      dir: 'd',
      lockRetries: '3',
      approve: 'a,b',
    });
    expect(readConfigValues(FILE, { role: undefined, bundle: null })).toEqual({});
  });

  it('may hold an object where names have values', () => {
    expect(readConfigValues(FILE, { lintRules: { 'drop-table': 'off', naming: 'error' } })).toEqual(
      { lintRules: 'drop-table=off naming=error' },
    );
    const wrong = refusal(() => readConfigValues(FILE, { lintRules: { 'drop-table': false } }));
    expect(wrong.details).toMatchObject({ setting: 'lintRules' });
  });

  it('has no unknown keys, and the nearest one is offered', () => {
    const error = refusal(() => readConfigValues(FILE, { lockwait: '5m' }));
    expect(error.code).toBe('SLIPWAY_CONFIG_INVALID');
    expect(error.details).toEqual({ file: FILE, setting: 'lockwait' });
    expect(error.hint).toContain('"lockWait"');
    expect(refusal(() => readConfigValues(FILE, { zzzzzz: 1 })).hint).not.toContain('Did you');
  });

  it.each(['__proto__', 'constructor', 'toString'])('does not take %s for a setting', (key) => {
    const content: unknown = JSON.parse(`{"${key}": "x"}`);
    expect(refusal(() => readConfigValues(FILE, content)).code).toBe('SLIPWAY_CONFIG_INVALID');
  });

  it.each([[[]], [null], ['text'], [7]])('holds an object: %j is none', (content) => {
    expect(refusal(() => readConfigValues(FILE, content)).code).toBe('SLIPWAY_CONFIG_INVALID');
  });

  it.each([[true], [{}], [[1]]])('holds no value of another kind: %j', (value) => {
    const error = refusal(() => readConfigValues(FILE, { dir: value }));
    expect(error.details).toMatchObject({ setting: 'dir' });
  });
});
