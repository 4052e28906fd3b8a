/** The sidecar's guide against its code: every metric, every state, every path. */

import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/sidecar/metric-names.ts';
import { pageAt, section } from './pages.ts';

describe('docs/guides/sidecar.md', () => {
  const { text } = pageAt('docs/guides/sidecar.md');

  it('lists every metric with its type, labels and meaning, and no other', () => {
    const rows = [...text.matchAll(/^\| `(slipway_\w+)` *\| (\w+) *\| (.*?) *\| (.*?) *\|$/gm)];
    const listed = rows.map(([, name = '', type = '', labels = '', help = '']) => [
      name,
      { type, labels: labels.match(/\w+/g) ?? [], help },
    ]);
    expect(Object.fromEntries(listed)).toEqual(METRICS);
  });

  it('explains every state that the readiness probe answers with', () => {
    const shown = [...section({ path: '', text }, 'Probes').matchAll(/^\| `([a-z]+)` /gm)];
    expect(shown.map(([, state]) => state)).toEqual([
      'ready',
      'behind',
      'ahead',
      'unreachable',
      'refused',
    ]);
  });
});
