/** What docs/guides/fleets.md says of lists and exit codes, held against the code. */

import { describe, expect, it } from 'vitest';
import { readTargetFile } from '../../../src/config/fleet-targets.ts';
import { WORST_FIRST } from '../../../src/core/fleet.ts';
import { pageAt, section } from './pages.ts';

describe('the guide docs/guides/fleets.md', () => {
  const guide = pageAt('docs/guides/fleets.md');

  it('gives the exit codes in their order', () => {
    const [, order = ''] = /passes by itself: ([^.]*)\./.exec(guide.text) ?? [];
    const codes = order.match(/\d+/g)?.map(Number);
    expect(codes).toEqual(WORST_FIRST.slice(0, -1));
  });

  it('shows a list that can be read, and every key of a target', () => {
    const list = section(guide, 'The list');
    const [, sample = ''] = /```text\n([\s\S]*?)```/.exec(list) ?? [];
    const [first, ...others] = readTargetFile('sample', sample);
    expect(others).toHaveLength(2);
    const keys = [...list.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key);
    const known = Object.keys(first ?? {}).filter((key) => key !== 'place');
    expect(keys.toSorted()).toEqual(known.toSorted());
  });
});
