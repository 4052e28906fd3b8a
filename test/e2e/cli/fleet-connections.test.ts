/** Schemas of one database share connections where nothing has happened on them. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { endOf, fleetOfSchemas, linesOf } from '../../support/fleets.ts';
import { placeAt } from '../../support/projects.ts';

const TARGETS = ['upgrade', '--targets', 'targets'];

describe('connections of a fleet of schemas', { timeout: 120_000 }, () => {
  it('are handed on from targets with nothing to do, and from none with work', async () => {
    const fleet = await fleetOfSchemas(20);
    await using door = await countedDoor(fleet.url);
    const there = placeAt(fleet.project, door.url);
    const limited = [...TARGETS, '--concurrency', '2'];
    await there.succeed(limited);
    expect(door.opened()).toBeGreaterThanOrEqual(20);

    const before = door.opened();
    const again = await there.succeed(limited);
    expect(endOf(again)).toMatchObject({ unchanged: 20 });
    expect(door.opened() - before).toBeLessThanOrEqual(2);
    const beforeStatus = door.opened();
    await there.succeed(['status', '--targets', 'targets', '--concurrency', '2']);
    expect(door.opened() - beforeStatus).toBeLessThanOrEqual(2);
  });

  it('that are lost while they are idle cost nothing', async () => {
    const fleet = await fleetOfSchemas(8, [
      { id: 'r1', up: 'create table item ();' },
      {
        id: 'r2',
        up: `create table ended as select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and application_name like 'slipway/%' and pid <> pg_backend_pid();`,
      },
    ]);
    const line = (name: string) => JSON.stringify({ name, schema: name });
    const others = fleet.names.filter((name) => name !== 't4');
    await fleet.project.write('others', others.map(line).join('\n'));
    await fleet.succeed(['upgrade', '--targets', 'others', '--concurrency', '1']);
    // Another role has a connection of its own, while that of the targets before it is idle.
    const owner = JSON.stringify({ name: 't4', schema: 't4', role: new URL(fleet.url).username });
    await fleet.project.write(
      'targets',
      fleet.names.map((name) => (name === 't4' ? owner : line(name))).join('\n'),
    );
    const outcome = await fleet.succeed([...TARGETS, '--concurrency', '1']);
    expect(endOf(outcome)).toMatchObject({ changed: 1, unchanged: 7, failed: 0 });
    expect(await fleet.query('select count(*)::integer as idle from t4.ended')).toEqual([
      { idle: 1 },
    ]);
    expect(linesOf(outcome, 't5').map(({ event }) => event)).toEqual(['run.finished']);
  });
});

/** A way to the server that counts who takes it. */
async function countedDoor(url: string) {
  const there = new URL(url);
  const target = { host: there.hostname, port: Number(there.port) };
  let opened = 0;
  const server = createServer((socket) => {
    opened += 1;
    const onward = connect(target);
    for (const side of [socket, onward]) side.on('error', () => undefined);
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const door = new URL(url);
  door.hostname = '127.0.0.1';
  door.port = String((server.address() as AddressInfo).port); // it listens on a port
  return {
    url: door.href,
    opened: () => opened,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
