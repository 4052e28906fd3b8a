/** The termination message, and who a pod is. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunError } from '../../../src/core/errors.ts';
import type { SlipwayEvent } from '../../../src/core/events.ts';
import { progressMeter, UNMEASURED } from '../../../src/core/progress.ts';
import { applicationName, provenanceOf } from '../../../src/kubernetes/identity.ts';
import {
  terminationReporter,
  terminationText,
} from '../../../src/kubernetes/termination-message.ts';
import { SAMPLES } from '../logging/samples.ts';

const failed = (
  message: string,
  options: ConstructorParameters<typeof RunError>[2] = {},
): SlipwayEvent => ({
  type: 'run.failed',
  command: 'upgrade',
  durationMs: 5,
  error: new RunError('SLIPWAY_REVISION_FAILED', message, options),
});

const started: SlipwayEvent = {
  type: 'revision.started',
  revision: 'a',
  direction: 'upgrade',
  description: 'Add phone',
  index: 3,
  total: 7,
};

const PROGRESS: SlipwayEvent = {
  ...SAMPLES['statement.progress'],
  ...progressMeter()({ ...UNMEASURED, phase: 'truncating heap' }, 0),
  command: 'vacuum',
  waitingFor: [],
};

describe('the termination message', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-'));
    path = join(folder, 'termination-log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (...events: readonly SlipwayEvent[]): string => {
    const reporter = terminationReporter(path, (trouble) => expect(trouble).toBe(''));
    for (const event of events) reporter.report(event);
    return readFileSync(path, 'utf8');
  };

  it('says early what the run is at, and at the end how it ended', () => {
    expect(written(started)).toBe('running revision 3 of 7: a Add phone\n');
    expect(written(started, failed('revision "a" failed'))).toMatch(
      /^SLIPWAY_REVISION_FAILED \(exit 12\): revision "a" failed\n/,
    );
  });

  it('has the last progress of the revision that runs', () => {
    expect(written(started, PROGRESS)).toBe(
      'running revision 3 of 7: a Add phone\nvacuum at m/a.sql:3:1: truncating heap; running for 35 s\n',
    );
    expect(written(started, PROGRESS, SAMPLES['backfill.progress'])).toMatch(
      /^running revision 3 of 7: a Add phone\nbackfill of users: 120000 of about 400000 keys/,
    );
  });

  it('has how far the holder of the lock is', () => {
    const waiting = SAMPLES['lock.waiting'];
    if (waiting.holder === undefined) throw new Error('no holder');
    const holder = { ...waiting.holder, progress: 'truncating heap' };
    expect(terminationText({ ...waiting, holder })).toMatch(
      /, held by .* \(pid \d+\): truncating heap$/,
    );
  });

  const TEXTS = [
    ['Korean', '전화번호를 추가하지 못했습니다 '],
    ['four-byte characters', '😀𠮷'],
    ['combining marks', 'e\u0301\u0323'],
    ['ASCII', 'it failed because '],
  ] as const;
  const PLACES = ['message', 'hint', 'excerpt', 'detail', 'where', 'finished'] as const;
  const CASES = TEXTS.flatMap(([name, text]) =>
    PLACES.map((place) => [place, name, text] as const),
  );

  it.each(CASES)('stays within 1024 bytes and whole characters: %s, %s', (place, _, text) => {
    for (let shift = 0; shift < 5; shift++) {
      const long = `${'x'.repeat(shift)}${text.repeat(400)}`;
      const message = written(
        failed(place === 'message' ? long : 'revision "a" failed', {
          hint: place === 'hint' ? long : undefined,
          details: place === 'finished' ? { finished: [long, long] } : { [place]: long },
        }),
      );
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
      expect(message).toMatch(/^SLIPWAY_REVISION_FAILED \(exit 12\): \S/);
      expect(message).toContain('…');
      expect(message).not.toContain('\ufffd');
      expect(message.isWellFormed()).toBe(true);
    }
  });

  it('cuts what the server said before the state and the next step', () => {
    const long = 'row (hunter, 2) is in the way '.repeat(200);
    const message = written(
      failed('revision "a" failed', {
        hint: 'Correct it and deploy again.',
        details: {
          excerpt: `   3 | ${long}`,
          detail: long,
          where: long,
          rolledBack: true,
          heads: ['b'],
        },
      }),
    );
    for (const part of [
      'revision "a" failed',
      'rolled back: ',
      'the database is at b',
      'Correct it',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('is not cut where it fits', () => {
    expect(written(failed('short'))).not.toContain('…');
  });

  it('fails no run where it cannot be written, and complains once', () => {
    const troubles: string[] = [];
    const reporter = terminationReporter(join(folder, 'missing', 'file'), (message) =>
      troubles.push(message),
    );
    reporter.report(started);
    reporter.report(started);
    expect(troubles).toEqual([expect.stringContaining('ENOENT')]);
  });

  it.each<[SlipwayEvent, RegExp | undefined]>([
    [
      {
        type: 'connection.retrying',
        attempt: 1,
        server: 'db:5432',
        cause: 'refused',
        delayMs: 1,
        remainingMs: 2,
      },
      /db:5432: refused/,
    ],
    [
      { type: 'lock.waiting', holder: undefined, waitedMs: 1, limitMs: 2, done: 0, total: 1 },
      /waiting for the migration lock$/,
    ],
    [
      { type: 'schema.waiting', holder: undefined, waitedMs: 1, limitMs: 2, pending: 3 },
      /3 revisions pending/,
    ],
    [
      {
        type: 'run.finished',
        command: 'upgrade',
        outcome: 'done',
        heads: ['b'],
        applied: 2,
        durationMs: 1200,
      },
      /2 done in 1.2 s; the database is at b/,
    ],
    [
      {
        type: 'run.finished',
        command: 'upgrade',
        outcome: 'nothing-to-do',
        heads: [],
        applied: 0,
        durationMs: 1,
      },
      /nothing to do; the database is at no revision/,
    ],
    [{ type: 'warning', message: 'w' }, undefined],
  ])('after %j', (event, expected) => {
    const text = terminationText(event);
    if (expected === undefined) expect(text).toBeUndefined();
    else expect(text).toMatch(expected);
  });
});

describe('the identity of a pod', () => {
  const pod = {
    podName: 'web-1',
    podNamespace: 'shop',
    nodeName: 'n1',
    image: 'i',
    release: 'v1',
  };
  const nobody = {
    podName: undefined,
    podNamespace: undefined,
    nodeName: undefined,
    image: undefined,
    release: undefined,
  };

  it('names the session after the pod, or after the person', () => {
    const machine = { user: 'ann', host: 'laptop' };
    expect(applicationName(pod, machine)).toBe('slipway/shop/web-1');
    expect(applicationName({ ...pod, podNamespace: undefined }, machine)).toBe(
      'slipway/default/web-1',
    );
    expect(applicationName(nobody, machine)).toBe('slipway/ann@laptop');
    expect(applicationName(nobody, { user: undefined, host: 'h' })).toBe('slipway/unknown@h');
  });

  it('is recorded with what it changes', () => {
    expect(provenanceOf(pod, '1.0.0')).toEqual({
      pod: 'web-1',
      namespace: 'shop',
      node: 'n1',
      image: 'i',
      release: 'v1',
      version: '1.0.0',
    });
    expect(provenanceOf(nobody, '1.0.0').namespace).toBeUndefined();
  });
});
