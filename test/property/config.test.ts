/** What holds for any settings and any duration. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSettings, readConfigValues } from '../../src/config/load.ts';
import { SETTING_KEYS, SETTINGS, type SettingDefinition } from '../../src/config/settings.ts';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';
import { SlipwayError } from '../../src/core/errors.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const key = fc.constantFrom(...SETTING_KEYS);

describe('any settings', () => {
  it('are read or refused with an error that names the setting and where it came from', () => {
    fc.assert(
      fc.property(key, anyText, (name, text) => {
        const definition: SettingDefinition = SETTINGS[name];
        const [variable] = definition.env;
        if (variable === undefined) return;
        try {
          const { origins } = loadSettings({
            flags: {},
            env: { [variable]: text },
            file: undefined,
          });
          expect(origins[name] ?? 'default').toBe(text === '' ? 'default' : variable);
        } catch (error) {
          if (!(error instanceof SlipwayError)) throw error;
          expect(error.code).toBe('SLIPWAY_CONFIG_INVALID');
          expect(error.details).toEqual({ setting: name, origin: variable });
        }
      }),
    );
  });

  it('of a config file are read or refused', () => {
    fc.assert(
      fc.property(fc.anything(), (content) => {
        try {
          readConfigValues('slipway.config.json', content);
        } catch (error) {
          if (!(error instanceof SlipwayError)) throw error;
          expect(error.code).toBe('SLIPWAY_CONFIG_INVALID');
        }
      }),
    );
  });

  it('never have a secret in what is shown of them', () => {
    const marked = fc
      .stringMatching(/^[a-z]{0,9}$/)
      .map((text) => `postgres://u:Zq7${text}Zq7@h/d`);
    fc.assert(
      fc.property(marked, marked, (url, direct) => {
        const loaded = loadSettings({
          flags: { url },
          env: { SLIPWAY_DIRECT_URL: direct },
          file: undefined,
        });
        expect(JSON.stringify(loaded)).not.toContain('Zq7');
        expect(loaded.settings.url?.reveal()).toBe(url);
        expect(loaded.settings.directUrl?.reveal()).toBe(direct);
      }),
    );
  });
});

describe('any duration', () => {
  it('is read in each of its units', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const unit = fc.constantFrom(...Object.entries(units));
    fc.assert(
      fc.property(fc.nat(100_000), unit, (n, [name, ms]) => {
        expect(parseDuration(`${n}${name}`)).toBe(n * ms);
      }),
    );
  });

  it('is shown within five per cent of what it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 10 }), (ms) => {
        const compact = formatDuration(ms).replace(/(\d) /g, '$1').split(' ');
        const read = compact.reduce((sum, part) => sum + (parseDuration(part) ?? Number.NaN), 0);
        expect(Math.abs(read - ms)).toBeLessThanOrEqual(Math.max(1, ms * 0.05));
      }),
    );
  });
});
