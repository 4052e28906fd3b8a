/** Postgres passes the suite that the fake database passes. */

import { type OpenHistory, openHistory } from '../support/history-database.ts';
import { describePorts } from '../support/port-suite.ts';
import { createDatabase } from '../support/postgres.ts';

describePorts('Postgres', async () => {
  const database = await createDatabase();
  const open: OpenHistory[] = [];
  return {
    async connect() {
      const history = await openHistory(database.url);
      open.push(history);
      return history.db;
    },
    async close() {
      await Promise.all(open.map((history) => history.close()));
      await database.drop();
    },
  };
});
