/** `npm run bench`: every budget that can be measured here, on one durable server, in one run. */

import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startEmbeddedPostgres } from '../src/embedded/server.ts';
import type { Bench } from './bench.ts';
import { openDatabases } from './databases.ts';
import { cleanEnvironment, startMeter } from './measure.ts';
import type { Deadline } from './pairs.ts';
import { installPeers } from './peers/install.ts';
import { mergeResults, renderJson, renderText, type SuiteResult } from './report.ts';
import { slipwayIn } from './slipway.ts';
import { measureApply } from './suites/apply.ts';
import { measureFleet } from './suites/fleet.ts';
import { measureLint } from './suites/lint.ts';
import { buildFloor, measureNoop } from './suites/noop.ts';
import { measureProgramSize } from './suites/program-size.ts';
import { measureRunners } from './suites/runners.ts';

const HELP = `Usage: npm run bench -- [options]

  --quick             fewer pairs and sizes, for CI: at most 90 s instead of 6 min
  --enforce           exit 1 also when a budget is missed or was not measured
  --postgres-bin DIR  the server's programs (default: those of the embedded packages)
  --out FILE          where the JSON goes (default: bench/results/latest.json)
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const node = join(root, 'node_modules', 'node', 'bin', 'node');

const nodeVersion = { argv: [node, '--version'], cwd: root, env: cleanEnvironment({}) };

/** After `rounds` nothing is measured a second time; at `end` what still runs is killed. */
const LIMITS_MS = {
  quick: { rounds: 45_000, end: 90_000 },
  full: { rounds: 270_000, end: 360_000 },
} as const;

// Vacuums and timed checkpoints come when they come: kept out, so that no contender pays for another's.
const SERVER = { autovacuum: 'off', checkpoint_timeout: '1h', max_wal_size: '4GB' };

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    enforce: { type: 'boolean', default: false },
    'postgres-bin': { type: 'string' },
    out: { type: 'string', default: join(root, 'bench', 'results', 'latest.json') },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const mode = options.quick ? 'quick' : 'full';
  const peers = await installPeers(node);
  const startedAt = new Date();
  const [load = 0] = loadavg();
  await using postgres = await startEmbeddedPostgres({
    durable: true,
    config: SERVER,
    binDir: options['postgres-bin'],
  });
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      rmSync(scratch, { recursive: true, force: true });
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  }
  try {
    const deadline = startDeadline(LIMITS_MS[mode]);
    await using meter = await startMeter(scratch, deadline);
    const version = await meter.output(nodeVersion);
    const databases = await openDatabases(postgres.url);
    const result = await measureAll({
      databases,
      meter,
      slipway: slipwayIn(dist, node, meter),
      peers: peers.present,
      node,
      psql: 'psql',
      deadline,
      mode,
      newDir: () => mkdtemp(join(scratch, 'work-')),
    });
    const conditions = {
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      mode,
      node: version.trim(),
      postgres: databases.version,
      cpus: cpus()[0]?.model ?? process.arch,
      cores: availableParallelism(),
      load,
      peers: peers.present.map(({ name, version }) => `${name} ${version}`),
      absentPeers: peers.absent.map(({ name, why }) => `${name}: ${why}`),
    } as const;
    await mkdir(dirname(options.out), { recursive: true });
    await writeFile(options.out, renderJson(conditions, result));
    process.stdout.write(renderText(conditions, result));
    const kept = result.verdicts.every(({ verdict }) => verdict === 'within');
    return result.failures.length > 0 || (options.enforce && !kept) ? 1 : 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measureAll(bench: Bench): Promise<SuiteResult> {
  const say = (what: string): boolean => process.stderr.write(`bench: ${what}\n`);
  const floor = await buildFloor(await bench.newDir());
  const results: SuiteResult[] = [];
  const sizes = bench.mode === 'full' ? [100, 1000, 10_000] : [1000];
  for (const count of sizes) {
    say(`no-op at ${count} revisions`);
    // Peers have no budget here, and some take time that grows with the square of the revisions.
    const peers = bench.mode === 'quick' || count > 1000 ? [] : bench.peers;
    results.push(await measureNoop(bench, floor, { count, peers }));
  }
  say('applying to an empty database');
  results.push(await measureApply(bench));
  say('runners at once');
  results.push(await measureRunners(bench));
  say('linting');
  results.push(await measureLint(bench));
  say('a fleet of schemas');
  results.push(await measureFleet(bench));
  results.push(await measureProgramSize(dist));
  return mergeResults(results);
}

function startDeadline({ rounds, end }: { rounds: number; end: number }): Deadline {
  const start = performance.now();
  return {
    allowsMore: () => performance.now() < start + rounds,
    remainingMs: () => Math.max(1, start + end - performance.now()),
  };
}
