/** What every command gets: settings, reporters, surroundings. */

import { findConfigFile, readConfigFile } from '../config/file.ts';
import { loadSettings, type Origins, type RawSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import type { Provenance } from '../core/applied.ts';
import type { Reporter, SlipwayEvent } from '../core/events.ts';
import { provenanceOf } from '../kubernetes/identity.ts';
import { terminationReporter } from '../kubernetes/termination-message.ts';
import { type LineOptions, lineReporter } from '../logging/json-line.ts';
import { pacedReporter } from '../logging/pace.ts';
import type { LineFormat } from '../logging/progress-bar.ts';
import { terminalReporter } from '../logging/terminal.ts';
import type { Surroundings } from '../runner/ports.ts';
import type { Edge } from './edge.ts';
import type { Handover } from './handover.ts';
import { showsUnicode } from './unicode.ts';
import { VERSION } from './version.ts';

export interface RunContext {
  readonly edge: Edge;
  readonly settings: Settings;
  readonly origins: Origins;
  /** What looks like a mistake in the settings and does no harm. */
  readonly warnings: readonly string[];
  readonly reporter: Reporter;
  readonly surroundings: Surroundings;
  readonly provenance: Provenance;
  /** Milliseconds since this process began to work. */
  elapsed(): number;
  readonly log: Log;
  /** An open connection that holds the migration lock, when the fast path has got that far. */
  readonly handover: Handover | undefined;
  /** The target of a fleet that this is about. */
  readonly target?: { readonly name: string; readonly database: string | undefined } | undefined;
}

/**
 * Reads the settings and sets up reporting.
 * @throws ConfigError
 */
export async function openContext(
  edge: Edge,
  given: {
    readonly flags: RawSettings;
    readonly configFile?: string | undefined;
    readonly handover?: Handover | undefined;
  },
): Promise<RunContext> {
  const start = edge.now();
  const path = given.configFile ?? findConfigFile(edge.cwd);
  const file = path === undefined ? undefined : await readConfigFile(path);
  const { settings, origins, warnings } = loadSettings({
    flags: given.flags,
    env: edge.env,
    file,
  });
  const log = openLog(edge, settings);
  const reporters: Reporter[] = [log.reporter];
  const terminationLog = settings.terminationLog ?? clusterTerminationLog(edge);
  const reporter: Reporter = {
    report(event: SlipwayEvent) {
      for (const each of reporters) each.report(event);
    },
  };
  if (terminationLog !== undefined) {
    reporters.push(
      pacedReporter(
        terminationReporter(terminationLog, (message) =>
          log.reporter.report({ type: 'trouble', message }),
        ),
      ),
    );
  }
  edge.signal.addEventListener('abort', () => {
    reporter.report({ type: 'run.interrupting', signal: String(edge.signal.reason) });
  });
  return {
    edge,
    settings,
    origins,
    warnings,
    reporter,
    provenance: provenanceOf(settings, VERSION),
    surroundings: {
      reporter,
      now: edge.now,
      random: edge.random,
      sleep: edge.sleep,
      signal: edge.signal,
    },
    elapsed: () => edge.now() - start,
    log,
    handover: given.handover,
  };
}

/** In a cluster the kubelet waits for a message there; elsewhere nobody does. */
function clusterTerminationLog(edge: Edge): string | undefined {
  return edge.env['KUBERNETES_SERVICE_HOST'] === undefined ? undefined : '/dev/termination-log';
}

export interface Log {
  readonly reporter: Reporter;
  /** How JSON lines are written; undefined on a terminal. */
  readonly json: LineOptions | undefined;
  /** Puts another reporter in its place. */
  replace(reporter: Reporter): void;
}

/** The log of this run: a story on a terminal, JSON elsewhere. */
export function openLog(edge: Edge, settings: Pick<Settings, 'logFormat' | 'logLevel'>): Log {
  const { logLevel: level } = settings;
  const fd = 2;
  const pretty =
    settings.logFormat === 'pretty' || (settings.logFormat === 'auto' && edge.stderrIsTerminal);
  if (pretty) {
    const colour = wantsColour(edge);
    const isLive = edge.stderrIsTerminal && edge.env['TERM'] !== 'dumb';
    const live = (): LineFormat => ({
      columns: edge.stderrColumns(),
      unicode: showsUnicode(edge.env),
    });
    if (isLive) return switchable(terminalReporter({ level, fd, colour, live }), undefined);
    return paced(switchable(terminalReporter({ level, fd, colour }), undefined));
  }
  const json = { level, runId: edge.runId, now: edge.now, fd };
  return paced(switchable(lineReporter(json), json));
}

/** Where lines stay, progress is told at growing intervals. */
function paced(log: Log): Log {
  return { ...log, reporter: pacedReporter(log.reporter) };
}

function switchable(first: Reporter, json: LineOptions | undefined): Log {
  let current = first;
  return {
    reporter: { report: (event) => current.report(event) },
    json,
    replace(reporter) {
      current = reporter;
    },
  };
}

/** https://no-color.org and https://force-color.org. */
export function wantsColour(edge: Edge, terminal: boolean = edge.stderrIsTerminal): boolean {
  if ((edge.env['NO_COLOR'] ?? '') !== '') return false;
  if ((edge.env['FORCE_COLOR'] ?? '') !== '') return edge.env['FORCE_COLOR'] !== '0';
  return terminal && edge.env['TERM'] !== 'dumb';
}
