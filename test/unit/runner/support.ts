/** A fake database, test surroundings, and the use cases with options that most tests want. */

import { SlipwayError } from '../../../src/core/errors.ts';
import type { SessionInfo } from '../../../src/core/events.ts';
import { DEFAULT_HAZARD_POLICIES } from '../../../src/core/hazards.ts';
import type { RunOutcome } from '../../../src/core/outcome.ts';
import type { RevisionProgram } from '../../../src/core/program.ts';
import type { Revision } from '../../../src/core/revision.ts';
import { parseTarget } from '../../../src/core/target.ts';
import { type DowngradeOptions, downgrade } from '../../../src/runner/downgrade.ts';
import type { MigrationDatabase, Release } from '../../../src/runner/ports.ts';
import { type StampOptions, stamp } from '../../../src/runner/stamp.ts';
import { type UpgradeOptions, upgrade } from '../../../src/runner/upgrade.ts';
import { type FakeServer, fakeServer } from '../../support/fake-database.ts';
import { releaseOf } from '../../support/graph.ts';
import { type TestSurroundings, testSurroundings } from '../../support/surroundings.ts';

/** Options of an upgrade, with the target as text. */
export type UpgradeChoice = Partial<Omit<UpgradeOptions, 'target' | 'limits'>> & {
  readonly target?: string;
  readonly limits?: Partial<UpgradeOptions['limits']>;
};

/** A database and a release to run against it. */
export interface World {
  readonly server: FakeServer;
  readonly db: MigrationDatabase;
  readonly release: Release;
  readonly surroundings: TestSurroundings;
  upgrade(choice?: UpgradeChoice): Promise<RunOutcome>;
  downgrade(target: string, choice?: Partial<DowngradeOptions>): Promise<RunOutcome>;
  stamp(target: string, choice?: Partial<StampOptions>): Promise<RunOutcome>;
  /** Ids of the rows, a `?` behind those that are partial. */
  readonly applied: readonly string[];
  /** Names of the tables and indexes. */
  readonly objects: readonly string[];
}

const LIMITS = { lockTimeoutMs: 3000, lockRetries: 3, statementTimeoutMs: 0, single: false };
const GATE = {
  hazards: DEFAULT_HAZARD_POLICIES,
  hazardBytes: 0,
  approvals: new Set<string>(),
  approvedBy: 'environment',
  allowDataLoss: false,
} as const;

/** A world whose release is made of `parts`; `on` is the server of another world. */
export function world(
  parts: readonly (string | Revision)[],
  on: {
    readonly server?: FakeServer;
    readonly pooled?: boolean;
    readonly programs?: ReadonlyMap<string, RevisionProgram>;
  } = {},
): World {
  const server = on.server ?? fakeServer();
  const db = server.connect({ pooled: on.pooled ?? false });
  const release: Release = {
    ...releaseOf(...parts),
    program: async ({ id }) => on.programs?.get(id),
  };
  const surroundings = testSurroundings();
  return {
    server,
    db,
    release,
    surroundings,
    upgrade: ({ target = 'heads', limits, ...choice } = {}) =>
      upgrade(
        db,
        release,
        {
          phase: 'all',
          onAhead: 'refuse',
          lockWaitMs: 300_000,
          gate: GATE,
          ...choice,
          target: parseTarget(target),
          limits: { ...LIMITS, ...limits },
        },
        surroundings,
      ),
    downgrade: (target, choice = {}) =>
      downgrade(
        db,
        {
          limits: LIMITS,
          lockWaitMs: 300_000,
          gate: { ...GATE, allowDataLoss: true },
          ...choice,
          target: parseTarget(target),
        },
        surroundings,
      ),
    stamp: (target, choice = {}) =>
      stamp(
        db,
        release,
        {
          purge: false,
          lockWaitMs: 300_000,
          lockTimeoutMs: 3000,
          ...choice,
          targets: target.split(' ').map(parseTarget),
        },
        surroundings,
      ),
    get applied() {
      return server.state.rows.map((row) => (row.state === 'partial' ? `${row.id}?` : row.id));
    },
    get objects() {
      return [...server.state.objects.keys()];
    },
  };
}

/** The error with which `work` fails. */
export async function errorOf(work: Promise<unknown>): Promise<SlipwayError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof SlipwayError) return outcome;
  throw new Error(`expected an error with a code, got ${String(outcome)}`, { cause: outcome });
}

/** Throws `error`, for traps. */
export function raise(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Another pod that holds a lock. */
export const OTHER_POD: SessionInfo = {
  pid: 4711,
  application: 'slipway/shop/web-2',
  pod: 'shop/web-2',
  user: 'migrator',
  client: '10.0.0.7',
  state: 'active',
  ageMs: 61_000,
  query: 'create index i on t (id)',
};
