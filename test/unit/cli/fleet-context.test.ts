/** Where a target keeps its history, and in which schema its revisions work. */

import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/cli/fleet-context.ts';
import { shardOf } from '../../../src/cli/fleet-targets.ts';
import { readTargetFile } from '../../../src/config/fleet-targets.ts';
import type { FleetTarget } from '../../../src/core/fleet.ts';

const target = (given: object): FleetTarget =>
  readTargetFile('list', JSON.stringify([{ name: 'a', ...given }]))[0] as FleetTarget;
const DEFAULT = { historySchema: 'slipway', searchPath: undefined };

describe('the place of a target', () => {
  it.each([
    [{ database: 'shop' }, DEFAULT, ['slipway', undefined]],
    [{ schema: 'acme' }, DEFAULT, ['slipway_acme', 'acme']],
    [{ schema: 'acme', historySchema: 'own' }, DEFAULT, ['own', 'acme']],
    [
      { schema: 'acme' },
      { historySchema: '{schema}_history', searchPath: '{schema}, shared' },
      ['acme_history', 'acme, shared'],
    ],
    [{ database: 'shop' }, { ...DEFAULT, searchPath: 'app' }, ['slipway', 'app']],
  ])('of %j is in its own schema', (given, settings, [historySchema, searchPath]) => {
    expect(placeOf(settings, target(given))).toEqual({ historySchema, searchPath });
  });

  it.each([
    [{ schema: 'acme' }, { ...DEFAULT, searchPath: 'public' }, 'no place for its schema'],
    [{ database: 'shop' }, { ...DEFAULT, searchPath: '{schema}' }, 'no schema for the {schema}'],
    [
      { database: 'shop' },
      { ...DEFAULT, historySchema: 'h_{schema}' },
      'no schema for the {schema}',
    ],
    [{ schema: 'ä'.repeat(28) }, DEFAULT, 'more than 63 bytes'],
    [{ schema: ' a' }, DEFAULT, 'a blank at its end'],
  ])('of %j with %j is refused', (given, settings, message) => {
    expect(() => placeOf(settings, target(given))).toThrow(message);
  });
});

describe('the shard of this machine', () => {
  const none = { shard: undefined, jobIndex: undefined, jobCount: undefined };

  it('is what the flag says, else what the Job says, else everything', () => {
    expect(shardOf(none)).toBeUndefined();
    expect(shardOf({ ...none, jobCount: 4 })).toBeUndefined();
    expect(shardOf({ ...none, jobIndex: 0, jobCount: 4 })).toEqual({ index: 0, count: 4 });
    expect(shardOf({ shard: '2/3', jobIndex: 0, jobCount: 4 })).toEqual({ index: 1, count: 3 });
  });

  it('is not guessed', () => {
    expect(() => shardOf({ ...none, jobIndex: 0 })).toThrow('JOB_COMPLETION_COUNT is not');
    expect(() => shardOf({ ...none, jobIndex: 4, jobCount: 4 })).toThrow('is beyond');
  });
});
