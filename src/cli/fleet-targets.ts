/** The targets that a run is about: read, checked against each other, and cut to its shard. */

import { readFile } from 'node:fs/promises';
import { readTargetFile, readTargetRows } from '../config/fleet-targets.ts';
import type { Settings } from '../config/settings.ts';
import { DatabaseFailure } from '../core/database-failure.ts';
import { ConfigError } from '../core/errors.ts';
import type { FleetTarget } from '../core/fleet.ts';
import { describeServer } from '../postgres/connection-settings.ts';
import { type Shard, targetsOfShard } from '../runner/fleet-shard.ts';
import { placeOf, targetContext } from './fleet-context.ts';
import type { FleetSource } from './fleet-source.ts';
import { connectionOf, openConnection } from './open-connection.ts';
import type { RunContext } from './run-context.ts';

/** What a run is to work on. */
export interface FleetList {
  /** Of this shard, in the order of the list. */
  readonly targets: readonly FleetTarget[];
  readonly shard: Shard | undefined;
}

/**
 * Reads the list. All of it is checked, whatever the shard: no target has been touched when it is wrong.
 * @throws ConfigError, ConnectionError, Interrupted
 */
export async function readFleet(run: RunContext, source: FleetSource): Promise<FleetList> {
  const shard = shardOf(run.settings);
  const all =
    source.kind === 'file' ? await readList(source.path) : await askForList(run, source.query);
  checkTogether(run, all);
  return { targets: targetsOfShard(all, shard), shard };
}

/**
 * The part of the list that is this machine's. Kubernetes says which part (JOB_COMPLETION_INDEX), and
 * leaves it to the manifest to say of how many (kubernetes/kubernetes#106009).
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function shardOf(
  settings: Pick<Settings, 'shard' | 'jobIndex' | 'jobCount'>,
): Shard | undefined {
  const { shard, jobIndex: index, jobCount: count } = settings;
  if (shard !== undefined) {
    const [part, parts] = shard.split('/').map(Number);
    return { index: (part ?? 1) - 1, count: parts ?? 1 };
  }
  if (index === undefined) return undefined;
  if (count === undefined) {
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      'JOB_COMPLETION_INDEX is set and JOB_COMPLETION_COUNT is not',
      {
        hint: 'Kubernetes sets the index only: give the container JOB_COMPLETION_COUNT with the number of completions of the Job; or --shard 1/1 for all targets.',
        details: { setting: 'jobCount' },
      },
    );
  }
  if (index >= count) {
    throw new ConfigError(
      'SLIPWAY_CONFIG_INVALID',
      `JOB_COMPLETION_INDEX ${index} is beyond JOB_COMPLETION_COUNT ${count}`,
      {
        hint: 'JOB_COMPLETION_COUNT must be the number of completions of the Job.',
        details: { setting: 'jobCount' },
      },
    );
  }
  return { index, count };
}

async function readList(path: string): Promise<readonly FleetTarget[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      'SLIPWAY_TARGETS_INVALID',
      `cannot read ${path}: ${code === 'ENOENT' ? 'it does not exist' : (code ?? 'unknown error')}`,
      { hint: 'Name a file with a target on each line.', cause: error },
    );
  });
  return readTargetFile(path, text);
}

/** Asks the database that is configured. In a read-only transaction: a question never writes. */
async function askForList(run: RunContext, query: string): Promise<readonly FleetTarget[]> {
  const { session } = await openConnection(run, run.settings.url?.reveal());
  try {
    const [, rows] = await session.cancellable(() =>
      session.ownAll([{ text: 'begin read only' }, { text: query }, { text: 'commit' }]),
    );
    // Several statements in one text have several results.
    if (!Array.isArray(rows)) throw badQuery('is more than one statement');
    return readTargetRows(rows);
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.kind === 'connection-lost') throw error;
    throw badQuery(`failed: ${error.message}`, error);
  } finally {
    await session.close().catch(() => undefined);
  }
}

function badQuery(what: string, cause?: unknown): ConfigError {
  return new ConfigError('SLIPWAY_TARGETS_INVALID', `the query of --targets-sql ${what}`, {
    hint: 'It runs in a read-only transaction on the database that is configured; try it in psql.',
    cause,
  });
}

/** Names are unique, and so are places: two runs in one place would only wait for each other. */
function checkTogether(run: RunContext, targets: readonly FleetTarget[]): void {
  const names = new Map<string, FleetTarget>();
  /** Schemas of histories and of tenants, by database. */
  const schemas = new Map<string, { readonly of: FleetTarget; readonly isHistory: boolean }>();
  for (const target of targets) {
    const same = names.get(target.name);
    if (same !== undefined) throw twice(`the name "${target.name}"`, same, target);
    names.set(target.name, target);
    const { historySchema } = placeOf(run.settings, target);
    const own = targetContext(run, target);
    const database = describeServer(connectionOf(own, own.settings.url?.reveal()));
    const claim = (schema: string, isHistory: boolean): void => {
      const key = `${database} ${schema}`;
      const other = schemas.get(key);
      if (other === undefined) schemas.set(key, { of: target, isHistory });
      else if (isHistory !== other.isHistory) throw historyAsTarget(schema, database, target);
      else {
        const what = isHistory ? 'history schema' : 'schema';
        throw twice(`the ${what} "${schema}" in ${database}`, other.of, target);
      }
    };
    claim(historySchema, true);
    if (target.schema !== undefined) claim(target.schema, false);
  }
}

function twice(what: string, first: FleetTarget, second: FleetTarget): ConfigError {
  return new ConfigError(
    'SLIPWAY_TARGETS_INVALID',
    `${what} is there twice: ${first.place} and ${second.place}`,
    {
      hint: 'Nothing was run. Take one of them from the list.',
      details: { place: second.place, other: first.place },
    },
  );
}

/** As a query for schemas by a pattern answers once the first run has made the histories. */
function historyAsTarget(schema: string, database: string, { place }: FleetTarget): ConfigError {
  return new ConfigError(
    'SLIPWAY_TARGETS_INVALID',
    `schema "${schema}" in ${database} is a target and holds the history of a target (${place})`,
    {
      hint: 'Nothing was run. List the schemas of the application only, without those that slipway keeps its history in.',
      details: { place, schema },
    },
  );
}
