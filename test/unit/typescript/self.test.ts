/** What projects import from slipway: the same with types, without them, and installed. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SlipwayConfig } from '../../../src/config/config-type.ts';
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingDefinition,
  type SettingKey,
} from '../../../src/config/settings.ts';
import * as api from '../../../src/index.ts';
import { SELF_SOURCE } from '../../../src/typescript/self.ts';

describe('the module slipway', () => {
  it('has the same functions where it is not installed, and they return their argument', async () => {
    const url = `data:text/javascript,${encodeURIComponent(SELF_SOURCE)}`;
    const provided: { readonly [name: string]: unknown } = await import(/* @vite-ignore */ url);
    expect(Object.keys(provided)).toEqual(Object.keys(api).sort());
    const argument = {};
    for (const defined of [...Object.values(provided), ...Object.values(api)]) {
      expect((defined as (value: unknown) => unknown)(argument)).toBe(argument);
    }
  });
});

describe('the type of a config file', () => {
  it('has the settings and no others', () => {
    // Checked by the compiler: a missing or a superfluous key is an error here.
    const keys: readonly (keyof SlipwayConfig)[] = SETTING_KEYS;
    const back = (key: keyof SlipwayConfig): SettingKey => key;
    expect(keys.map(back)).toEqual(SETTING_KEYS);
  });

  it('says about each what the command line says', () => {
    const text = readFileSync('src/config/config-type.ts', 'utf8');
    const comments = new Map(
      Array.from(text.matchAll(/\/\*\* (.*)\. \*\/\n +readonly (\w+)\?/g), ([, help, key]) => [
        key,
        help,
      ]),
    );
    for (const key of SETTING_KEYS) {
      const { help }: SettingDefinition = SETTINGS[key];
      expect(comments.get(key)?.toLowerCase()).toBe(help.toLowerCase());
    }
  });

  it('offers the choices that a setting has', () => {
    const choices: SlipwayConfig[] = (['all', 'expand', 'contract'] as const).map((phase) => ({
      phase,
    }));
    for (const { phase = '' } of choices) expect(SETTINGS.phase.schema.parse(phase)).toBe(phase);
    // @ts-expect-error: no such phase
    const wrong: SlipwayConfig = { phase: 'later' };
    expect(SETTINGS.phase.schema.safeParse(String(wrong.phase)).success).toBe(false);
  });
});
