/** One connection to the database and what slipway does on it: own queries, pipelines, cancelling. */

import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { requestCancel } from './cancel.ts';
import { toFailure } from './failure.ts';
import { lossOf, serverParameter } from './login.ts';

export interface SessionSettings {
  /** Act as this role: `set role`. */
  readonly role: string | undefined;
  /** Aborted when the process was told to stop: whatever runs on the server is cancelled. */
  readonly signal: AbortSignal;
}

export type Row = { readonly [column: string]: unknown };

/** A query of slipway's own: values are parameters, always. */
export interface OwnQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared under this name, where the server session is ours alone. */
  readonly name?: string;
}

export interface Session {
  readonly client: pg.Client;
  /** The server process as we were told at connect; behind a pooler it is an invention. */
  readonly announcedPid: number | undefined;
  /** As the server was told at connect. */
  readonly applicationName: string | undefined;
  /** The major version; undefined where it is not known. */
  readonly serverVersion?: number | undefined;
  /** The server process that really works for us now, where it is known. */
  backendPid: number | undefined;
  /** Set once a pooler in transaction mode was found in between. */
  pooled: boolean;
  readonly role: string | undefined;
  /** Runs one of slipway's own queries. @throws DatabaseFailure */
  own(query: OwnQuery): Promise<readonly Row[]>;
  /** Sends all at once and answers each; the first failure is thrown. @throws DatabaseFailure */
  ownAll(queries: readonly OwnQuery[]): Promise<readonly (readonly Row[])[]>;
  /** Sends one of slipway's own queries as it is, inside the transaction that is open. */
  send(query: OwnQuery): Promise<readonly Row[]>;
  /** Marks a time in which statements run, so that a stop request cancels them. */
  cancellable<T>(work: () => Promise<T>): Promise<T>;
  /** Lets go of the connection without closing it: another session may go on with it. */
  detach(): void;
  close(): Promise<void>;
}

/** How often a cancel request is repeated: one may arrive between two statements. */
const CANCEL_EVERY_MS = 400;

/** How long the server may take to answer a cancel request or a goodbye. */
const ANSWER_LIMIT_MS = 1500;

/** The socket below; not declared in @types/pg. */
function streamOf(client: pg.Client): Duplex {
  return (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection
    .stream;
}

/** `18` of `18.4 (Debian 18.4-1)`. */
function majorVersion(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

/** Closes a connection, also one whose other end says nothing any more. */
export async function sayGoodbye(client: pg.Client): Promise<void> {
  const giveUp = setTimeout(() => streamOf(client).destroy(), ANSWER_LIMIT_MS);
  await client.end();
  clearTimeout(giveUp);
}

/** Wraps a connected client. */
export function openSession(client: pg.Client, settings: SessionSettings): Session {
  // Not in @types/pg yet: several queries under way at once, each with its own Sync.
  (client as pg.Client & { pipeline: boolean }).pipeline = true;
  const { role, signal } = settings;
  const { connectionParameters } = client as pg.Client & {
    readonly connectionParameters: { readonly application_name?: string };
  };
  const announcedPid = (client as pg.Client & { processID: number | null }).processID ?? undefined;
  let roleSet = role === undefined;

  const send = async (query: OwnQuery): Promise<readonly Row[]> => {
    const result = await client.query<Row>({
      text: query.text,
      values: [...(query.values ?? [])],
      ...(query.name === undefined || session.pooled ? {} : { name: query.name }),
    });
    return result.rows;
  };

  // A network that swallows everything also swallows the cancel request: the process ends anyway,
  // and the server ends the session by itself.
  const hangUp = (): void => {
    setTimeout(() => streamOf(client).destroy(), ANSWER_LIMIT_MS).unref();
  };
  if (signal.aborted) hangUp();
  else signal.addEventListener('abort', hangUp, { once: true });

  const session: Session = {
    client,
    announcedPid,
    applicationName: connectionParameters.application_name,
    serverVersion: majorVersion(serverParameter(client, 'server_version')),
    backendPid: announcedPid,
    pooled: false,
    role,
    own: async (query) => (await session.ownAll([query]))[0] ?? [],
    async ownAll(queries) {
      const before: OwnQuery[] = [];
      const after: OwnQuery[] = [];
      if (session.pooled && role !== undefined) {
        // The next transaction may run on another server session: the role goes with each.
        before.push({ text: 'begin' }, { text: `set local role ${quoteIdentifier(role)}` });
        after.push({ text: 'commit' });
      } else if (!roleSet && role !== undefined) {
        before.push({ text: `set role ${quoteIdentifier(role)}` });
      }
      const sent = [...before, ...queries, ...after].map(send);
      const results = await Promise.allSettled(sent);
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) {
        if (session.pooled && role !== undefined) await client.query('rollback').catch(() => {});
        throw toFailure(lossOf(client) ?? failed.reason);
      }
      roleSet = true;
      return results
        .slice(before.length, before.length + queries.length)
        .map((result) => (result.status === 'fulfilled' ? result.value : []));
    },
    send,
    async cancellable(work) {
      let timer: NodeJS.Timeout | undefined;
      const cancel = (): void => {
        requestCancel(client);
        timer = setInterval(() => requestCancel(client), CANCEL_EVERY_MS);
      };
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
      try {
        return await work();
      } finally {
        signal.removeEventListener('abort', cancel);
        clearInterval(timer);
      }
    },
    detach() {
      signal.removeEventListener('abort', hangUp);
    },
    async close() {
      session.detach();
      await sayGoodbye(client);
    },
  };
  return session;
}
