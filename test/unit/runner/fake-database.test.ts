/** The fake database passes the suite that Postgres passes. */

import { fakeServer } from '../../support/fake-database.ts';
import { describePorts } from '../../support/port-suite.ts';

describePorts('the fake database', async () => {
  const server = fakeServer();
  return { connect: async () => server.connect(), close: async () => undefined };
});
