/** A runner that is gone gives the migration lock back, also when the network never says so. */

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { program } from '../../support/cli.ts';

const isolate = ['--net', 'sh', '-c'];
const canIsolate =
  spawnSync('unshare', [...isolate, 'ip link set lo up && iptables -L']).status === 0;
if (!canIsolate) console.warn('skipped: no rights to make a network namespace, or no iptables');

/**
 * What the settings of the lock's holder promise (`postgres/prelude.ts`): 2 s where the end is
 * told, 42 s where it is not; without them it would be hours. The rest is for a busy machine.
 */
const LIMIT_MS = { killed: 20_000, cut: 75_000 };

describe.skipIf(!canIsolate)('the migration lock', () => {
  it('is free soon after its holder was killed or cut off, whatever it was doing', {
    timeout: 180_000,
  }, async () => {
    const script = [process.execPath, 'bench/holder-gone.ts'];
    const { stdout } = await promisify(execFile)('unshare', ['--net', ...script], {
      env: { ...process.env, SLIPWAY_TEST_PROGRAM: program },
    });
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { gone: 'killed' | 'cut'; freeAfterMs: number });
    expect(results).toHaveLength(6);
    for (const result of results) {
      expect(result.freeAfterMs, JSON.stringify(result)).toBeLessThan(LIMIT_MS[result.gone]);
    }
  });
});
