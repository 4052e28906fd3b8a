/** The proxy that counts messages: it finds their borders, and does nothing else unless told to. */

import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded/server.ts';
import { type Moment, startMessageProxy } from '../support/message-proxy.ts';
import { splitWire } from '../support/wire-messages.ts';

let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startEmbeddedPostgres({ binDir: process.env['SLIPWAY_TEST_POSTGRES_BIN'] });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

async function connected(port: number): Promise<Client> {
  const url = new URL(server.url);
  url.port = String(port);
  const client = new Client({ connectionString: url.href });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

it('passes everything on, and counts the same for the same work', async () => {
  const counts: number[] = [];
  for (let round = 0; round < 2; round++) {
    const proxy = await startMessageProxy(server);
    const client = await connected(proxy.port);
    const { rows } = await client.query('select repeat($1, 300000) as text', ['x']);
    expect(rows[0]?.['text']).toHaveLength(300_000);
    await client.end();
    counts.push(proxy.messages);
    await proxy.stop();
  }
  expect(counts[0]).toBe(counts[1]);
  expect(counts[0]).toBeGreaterThan(20);
});

it('holds a message back until the act is over, and says which one it is', async () => {
  const counting = await startMessageProxy(server);
  await (await connected(counting.port)).end();
  const first = counting.messages - 1; // The goodbye is the last one; the query is sent instead.
  await counting.stop();
  const moments: Moment[] = [];
  const ran: number[] = [];
  const proxy = await startMessageProxy(server, {
    at: first,
    passOnFirst: false,
    async act(moment) {
      moments.push(moment);
      const direct = await connected(server.port);
      const { rows } = await direct.query<{ state: string }>(
        'select state from pg_stat_activity where pid = $1',
        [moment.backendPid],
      );
      ran.push(rows.filter(({ state }) => state === 'active').length);
      await direct.end();
    },
  });
  const client = await connected(proxy.port);
  await client.query('select 1');
  await client.end();
  await proxy.stop();
  expect(moments.map(({ message }) => [message.side, message.type])).toEqual([['frontend', 'Q']]);
  expect(ran).toEqual([0]);
});

it('finds the same borders however the stream is cut', () => {
  const startup = Buffer.alloc(9);
  startup.writeUInt32BE(9, 0);
  startup.writeUInt32BE(196608, 4);
  const query = Buffer.from('Q\0\0\0\x0dselect 1\0', 'latin1');
  const stream = Buffer.concat([startup, query, query]);
  for (let cut = 1; cut < stream.length; cut++) {
    const wire = splitWire();
    const messages = [
      ...wire.frontend(stream.subarray(0, cut)),
      ...wire.frontend(stream.subarray(cut)),
    ];
    expect(messages.map(({ type }) => type)).toEqual(['StartupMessage', 'Q', 'Q']);
    expect(Buffer.concat(messages.map(({ bytes }) => bytes))).toEqual(stream);
  }
});
