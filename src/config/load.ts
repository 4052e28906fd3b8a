/** Puts the settings together: flags over environment over config file over defaults. */

import { ConfigError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingDefinition,
  type SettingKey,
  type Settings,
} from './settings.ts';

/** Values as text, by setting. */
export type RawSettings = { readonly [K in SettingKey]?: string };

export interface SettingSources {
  readonly flags: RawSettings;
  readonly env: { readonly [name: string]: string | undefined };
  readonly file: { readonly path: string; readonly values: RawSettings } | undefined;
}

/** Where a value came from, in words: `--dir`, `SLIPWAY_DIR`, `slipway.config.json`, `default`. */
export type Origins = { readonly [K in SettingKey]?: string };

export interface LoadedSettings {
  readonly settings: Settings;
  readonly origins: Origins;
  /** What looks like a mistake but does no harm. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks all settings.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`: which setting, from where, what is expected
 */
export function loadSettings(sources: SettingSources): LoadedSettings {
  const settings: { [key: string]: unknown } = {};
  const origins: { [K in SettingKey]?: string } = {};
  for (const key of SETTING_KEYS) {
    const definition: SettingDefinition = SETTINGS[key];
    const found = find(key, definition, sources);
    if (found === undefined) {
      settings[key] = undefined;
      continue;
    }
    origins[key] = found.origin;
    settings[key] = read(key, definition, found);
  }
  return {
    // Every key was set above, through the schema of its own definition.
    settings: settings as unknown as Settings,
    origins,
    warnings: suspectVariables(sources.env),
  };
}

interface Found {
  readonly text: string;
  readonly origin: string;
}

function find(
  key: SettingKey,
  definition: SettingDefinition,
  { flags, env, file }: SettingSources,
): Found | undefined {
  const flag = flags[key];
  if (flag !== undefined) return { text: flag, origin: `--${definition.flag}` };
  for (const name of definition.env) {
    const value = env[name];
    // An empty variable is how manifests say "not set".
    if (value !== undefined && value !== '') return { text: value, origin: name };
  }
  const value = file?.values[key];
  if (file !== undefined && value !== undefined) return { text: value, origin: file.path };
  if (definition.fallback !== undefined) return { text: definition.fallback, origin: 'default' };
  return undefined;
}

function read(key: SettingKey, definition: SettingDefinition, found: Found): unknown {
  const result = definition.schema.safeParse(found.text);
  if (result.success) return result.data;
  const expected = result.error.issues[0]?.message ?? 'is not valid';
  const shown = definition.secret ? '' : ` "${found.text}"`;
  throw new ConfigError('SLIPWAY_CONFIG_INVALID', `${found.origin}${shown} ${expected}`, {
    hint: `It sets ${key}: ${definition.help}.`,
    details: { setting: key, origin: found.origin },
  });
}

/**
 * Checks the keys of a config file.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function readConfigValues(path: string, content: unknown): RawSettings {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError('SLIPWAY_CONFIG_INVALID', `${path} must hold an object of settings`, {
      hint: 'slipway config lists the settings.',
    });
  }
  const values: { [K in SettingKey]?: string } = {};
  for (const [key, value] of Object.entries(content)) {
    if (!isSettingKey(key)) throw unknownKey(path, key);
    if (value === undefined || value === null) continue;
    if (SETTINGS[key].isMap && isStringMap(value)) {
      const pairs = Object.entries(value).map(([name, each]) => `${name}=${each}`);
      values[key] = pairs.join(' ');
      continue;
    }
    if (typeof value !== 'string' && typeof value !== 'number' && !isStringArray(value)) {
      throw new ConfigError('SLIPWAY_CONFIG_INVALID', `${path}: ${key} must be a string`, {
        hint: `It sets ${key}: ${SETTINGS[key].help}.`,
        details: { setting: key, file: path },
      });
    }
    values[key] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return values;
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isStringMap(value: unknown): value is { readonly [name: string]: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}

function unknownKey(path: string, key: string): ConfigError {
  const guess = nearest(key, SETTING_KEYS);
  return new ConfigError('SLIPWAY_CONFIG_INVALID', `${path}: there is no setting "${key}"`, {
    hint: guess === undefined ? 'slipway config lists the settings.' : `Did you mean "${guess}"?`,
    details: { file: path, setting: key },
  });
}

/**
 * Variables that are nearly one of ours. Not an error: Kubernetes puts variables of its own into
 * every pod, and a Service called slipway would give SLIPWAY_PORT.
 */
function suspectVariables(env: SettingSources['env']): readonly string[] {
  const known = SETTING_KEYS.flatMap((key) => [...SETTINGS[key].env]);
  return Object.keys(env)
    .filter((name) => name.startsWith('SLIPWAY_') && !known.includes(name as never))
    .filter((name) => !/^SLIPWAY_(SERVICE|PORT|TEST|BENCH)(_|$)/.test(name))
    .flatMap((name) => {
      const guess = nearest(name, known);
      return guess === undefined ? [] : [`${name} is not a setting; did you mean ${guess}?`];
    });
}
