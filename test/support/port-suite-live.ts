/** The part of the ports' suite about tables as they are right now. */

import { expect, it } from 'vitest';
import type { MigrationDatabase } from '../../src/runner/ports.ts';
import { revision } from './graph.ts';
import { apply } from './port-fixture.ts';

/** What `live` answers, whatever the database. */
export function describeLive(database: () => MigrationDatabase): void {
  const named = (name: string) => ({ schema: undefined, name, target: 'relation' as const });

  it('finds the relations that names stand for, and nothing for other names', async () => {
    const db = database();
    await db.applied.prepare();
    await apply(db, revision('a', { up: 'create table crew (id int);' }));
    const found = await db.live.relations([named('crew'), named('nobody')]);
    expect(found).toMatchObject([
      { name: 'crew', target: 'relation', relation: 'public.crew', kind: 'table', bytes: 0 },
    ]);
  });

  it('knows the version of the server', () => {
    expect(database().live.major).toBeGreaterThanOrEqual(14);
  });
}
