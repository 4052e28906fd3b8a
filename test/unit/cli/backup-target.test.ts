/** What backups are called. */

import { describe, expect, it } from 'vitest';
import { backupName } from '../../../src/cli/backup-target.ts';

const at = Date.UTC(2026, 2, 1, 10, 15, 2, 345);

describe('the name of a backup', () => {
  it('has database, time, revision and a tag in it', () => {
    expect(backupName({ database: 'shop', at, revision: '3f2a9c41d7e0', tag: '5be1c2' })).toBe(
      'shop-20260301T101502Z-3f2a9c41d7e0-5be1c2.dump',
    );
    expect(backupName({ database: 'shop', at, revision: undefined, tag: 'a' })).toBe(
      'shop-20260301T101502Z-a.dump',
    );
  });

  it('is the name of a file whatever the database is called', () => {
    const name = backupName({ database: '../a b/한글$(x)', at, revision: undefined, tag: 'a' });
    expect(name).toMatch(/^[A-Za-z0-9_.-]+$/);
    expect(name).not.toContain('/');
  });
});
