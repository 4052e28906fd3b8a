import { describe, expect, it } from 'vitest';
import { batchSize } from '../../../src/runner/batch-size.ts';

describe('the size of batches', () => {
  it('is halved by each slow batch, down to one key', () => {
    const size = batchSize(100, 1000);
    const sizes = Array.from({ length: 8 }, () => {
      size.learn(size.current, 1001);
      return size.current;
    });
    expect(sizes).toEqual([50, 25, 12, 6, 3, 1, 1, 1]);
    expect(size.isReduced).toBe(true);
  });

  it('comes back by a tenth with each quick batch, and no further than asked for', () => {
    const size = batchSize(100, 1000);
    size.learn(100, 5000);
    const sizes = Array.from({ length: 6 }, () => {
      size.learn(size.current, 10);
      return size.current;
    });
    expect(sizes).toEqual([60, 70, 80, 90, 100, 100]);
    expect(size.isReduced).toBe(false);
  });

  it('stays where a batch takes about as long as it may', () => {
    const size = batchSize(100, 1000);
    size.learn(100, 5000);
    size.learn(50, 700);
    expect(size.current).toBe(50);
  });
});
