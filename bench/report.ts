/** The answer of a run: a table for people, and the same as JSON. */

import type { Verdict } from './budgets.ts';
import type { Usage } from './measure.ts';
import { median, type Ratio, ratioOf, type Series } from './pairs.ts';

/** What one contender used in one suite, and its ratios to the suite's first. */
export interface Row {
  readonly suite: string;
  readonly contender: string;
  readonly runs: number;
  readonly failure: string | undefined;
  readonly median: Usage | undefined;
  readonly against: string;
  readonly ratio: Readonly<Record<'wall' | 'cpu' | 'peak', Ratio | undefined>>;
}

/** A file of the built program. */
export interface ProgramFile {
  readonly name: string;
  readonly bytes: number;
  /** Whether the size budget counts it. */
  readonly counted: boolean;
}

/** What one suite found. */
export interface SuiteResult {
  readonly rows: readonly Row[];
  readonly program?: readonly ProgramFile[];
  readonly verdicts: readonly Verdict[];
  /** What did not run, in words. */
  readonly failures: readonly string[];
}

/** Where and with what a run was made. */
export interface Conditions {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly mode: 'full' | 'quick';
  readonly node: string;
  readonly postgres: string;
  readonly cpus: string;
  readonly cores: number;
  /** Load average over the minute before the run. */
  readonly load: number;
  readonly peers: readonly string[];
  readonly absentPeers: readonly string[];
}

/** Several suites as one. */
export function mergeResults(results: readonly SuiteResult[]): SuiteResult {
  return {
    rows: results.flatMap((result) => result.rows),
    program: results.flatMap((result) => result.program ?? []),
    verdicts: results.flatMap((result) => result.verdicts),
    failures: results.flatMap((result) => result.failures),
  };
}

/** The JSON has them all. */
const FILES_SHOWN = 8;

/** Rows for the contenders of one suite, with ratios to `base`. */
export function rowsOf(suite: string, all: readonly Series[], base: Series): readonly Row[] {
  return all.map((series) => ({
    suite,
    contender: series.name,
    runs: series.runs.length,
    failure: series.failure,
    median: series.runs.length === 0 ? undefined : medianUsage(series.runs),
    against: base.name,
    ratio: {
      wall: ratioOf(series, base, 'wallMs'),
      cpu: ratioOf(series, base, 'cpuMs'),
      peak: ratioOf(series, base, 'peakMiB'),
    },
  }));
}

/** The failures of a suite's contenders, as sentences. */
export function failuresOf(suite: string, all: readonly Series[]): readonly string[] {
  return all.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`${suite}: ${name}: ${failure}`],
  );
}

/** The run as a page of plain text. */
export function renderText(conditions: Conditions, result: SuiteResult): string {
  const { mode, node, postgres, cpus, cores, load, durationMs } = conditions;
  const lines = [
    `${mode} run of ${Math.round(durationMs / 1000)} s on ${cores} x ${cpus}, load ${load.toFixed(1)} before it`,
    `Node ${node}, Postgres ${postgres}, peers: ${conditions.peers.join(', ') || 'none'}`,
    ...(load > cores / 2
      ? ['the machine was busy before the run: trust CPU before wall time']
      : []),
    ...conditions.absentPeers.map((peer) => `peer not measured: ${peer}`),
  ];
  for (const suite of new Set(result.rows.map((row) => row.suite))) {
    const rows = result.rows.filter((row) => row.suite === suite);
    const head = [
      'contender',
      'runs',
      'wall ms',
      'CPU ms',
      'peak MiB',
      'wall x',
      'CPU x',
      'peak x',
    ];
    lines.push('', `${suite} (ratios to ${rows[0]?.against}: median, quartiles)`);
    lines.push(...table([head, ...rows.map(cells)]));
  }
  const program = result.program ?? [];
  const largest = program.slice(0, FILES_SHOWN);
  const files = largest.map(({ name, bytes, counted }) => [
    name,
    `${(bytes / 1024 ** 2).toFixed(2)} MiB`,
    counted ? 'counted' : 'set apart',
  ]);
  if (files.length > 0) {
    lines.push('', `built program: the largest of ${program.length} files`, ...table(files));
  }
  const head = ['budget', 'value', 'limit', 'verdict'];
  lines.push('', ...table([head, ...result.verdicts.map(verdictCells)]));
  lines.push(...result.failures.map((failure) => `\nFAILED ${failure}`));
  return `${lines.join('\n')}\n`;
}

/** The run as JSON for machines. */
export function renderJson(conditions: Conditions, result: SuiteResult): string {
  return `${JSON.stringify({ format: 1, ...conditions, ...result }, null, 2)}\n`;
}

function medianUsage(runs: readonly Usage[]): Usage {
  return {
    wallMs: median(runs.map((usage) => usage.wallMs)),
    cpuMs: median(runs.map((usage) => usage.cpuMs)),
    peakMiB: median(runs.map((usage) => usage.peakMiB)),
  };
}

function cells(row: Row): readonly string[] {
  if (row.median === undefined) return [row.contender, '0', 'FAILED'];
  const { wallMs, cpuMs, peakMiB } = row.median;
  return [
    row.contender,
    String(row.runs),
    wallMs.toFixed(0),
    cpuMs.toFixed(0),
    peakMiB.toFixed(0),
    ...[row.ratio.wall, row.ratio.cpu, row.ratio.peak].map(ratioText),
  ];
}

function ratioText(ratio: Ratio | undefined): string {
  if (ratio === undefined) return '-';
  return `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})`;
}

function verdictCells(verdict: Verdict): readonly string[] {
  const show = (value: number): string => {
    switch (verdict.unit) {
      case 'x':
        return `${value.toFixed(2)} x`;
      case 'ms':
        return `${(value / 1000).toFixed(2)} s`;
      case 'bytes':
        return `${(value / 1024 ** 2).toFixed(2)} MiB`;
      case 'count':
        return String(value);
    }
  };
  return [
    verdict.title,
    verdict.value === undefined ? '-' : show(verdict.value),
    show(verdict.limit),
    verdict.note === undefined ? verdict.verdict : `${verdict.verdict} (${verdict.note})`,
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column > 0 && /^\d/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
