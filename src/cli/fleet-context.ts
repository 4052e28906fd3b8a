/** A run's context as one target of a fleet sees it: its own place, and its name in every log line. */

import type { Settings } from '../config/settings.ts';
import { ConfigError } from '../core/errors.ts';
import type { Reporter } from '../core/events.ts';
import type { FleetTarget } from '../core/fleet.ts';
import { logReporter } from '../logging/logger.ts';
import { pacedReporter } from '../logging/pace.ts';
import { terminalReporter } from '../logging/terminal.ts';
import { type RunContext, wantsColour } from './run-context.ts';

/** Where a name of the target's schema goes, in `--history-schema` and `--search-path`. */
const SCHEMA = '{schema}';
/** NAMEDATALEN - 1: Postgres cuts what is longer, and two names may then be one. */
const NAME_BYTES = 63;

/** What of a target's place is not in its connection. */
export interface TargetPlace {
  readonly historySchema: string;
  readonly searchPath: string | undefined;
}

/**
 * The schemas of a target. One that has a schema keeps its history in a schema of its own, whose name
 * begins as the history schema of the settings does, so that no pattern for tenants finds it.
 * @throws ConfigError `SLIPWAY_TARGETS_INVALID`
 */
export function placeOf(
  settings: Pick<Settings, 'historySchema' | 'searchPath'>,
  target: FleetTarget,
): TargetPlace {
  const { schema } = target;
  const historySchema = target.historySchema ?? historyOf(settings.historySchema, target);
  for (const [what, name] of [
    ['schema', schema],
    ['history schema', historySchema],
  ] as const) {
    if (name !== undefined && Buffer.byteLength(name) > NAME_BYTES) {
      throw misplaced(target, `the ${what} "${name}" has more than ${NAME_BYTES} bytes`, {
        hint: 'Postgres would cut it. Give the target a historySchema, or all of them a shorter --history-schema.',
      });
    }
  }
  if (schema !== undefined && /[",]|^\s|\s$/.test(schema)) {
    throw misplaced(target, `the schema "${schema}" has a comma, a quote, or a blank at its end`, {
      hint: 'Such a name cannot be told apart in a search_path.',
    });
  }
  return { historySchema, searchPath: searchPathOf(settings.searchPath, target) };
}

function historyOf(setting: string, target: FleetTarget): string {
  const { schema } = target;
  if (schema !== undefined) {
    return setting.includes(SCHEMA) ? setting.replaceAll(SCHEMA, schema) : `${setting}_${schema}`;
  }
  if (!setting.includes(SCHEMA)) return setting;
  throw misplaced(target, `it has no schema for the ${SCHEMA} in the history schema`, {
    hint: `Give it a schema or a historySchema, or leave ${SCHEMA} out of --history-schema.`,
  });
}

/** Nothing but the target's own schema, unless the settings say what stands beside it. */
function searchPathOf(setting: string | undefined, target: FleetTarget): string | undefined {
  const { schema } = target;
  const has = setting?.includes(SCHEMA) ?? false;
  if (schema === undefined && has) {
    throw misplaced(target, `it has no schema for the ${SCHEMA} in the search path`, {
      hint: `Give it a schema, or leave ${SCHEMA} out of --search-path.`,
    });
  }
  if (schema === undefined || setting === undefined) return schema ?? setting;
  if (has) return setting.replaceAll(SCHEMA, schema);
  throw misplaced(target, `the search path "${setting}" has no place for its schema`, {
    hint: `Write for example --search-path '${SCHEMA}, extensions'.`,
  });
}

function misplaced(target: FleetTarget, why: string, { hint }: { hint: string }): ConfigError {
  const { name, place } = target;
  return new ConfigError('SLIPWAY_TARGETS_INVALID', `target "${name}" (${place}): ${why}`, {
    hint: `Nothing was run. ${hint}`,
    details: { target: name, place },
  });
}

/** The context in which `target` is worked on. */
export function targetContext(run: RunContext, target: FleetTarget): RunContext {
  const { settings, edge } = run;
  const hasOwnUrl = target.url !== undefined || target.urlFile !== undefined;
  const reporter = reporterOf(run, target.name);
  const start = edge.now();
  return {
    ...run,
    settings: {
      ...settings,
      ...placeOf(settings, target),
      ...(hasOwnUrl ? { url: target.url, urlFile: target.urlFile, directUrl: undefined } : {}),
      role: target.role ?? settings.role,
    },
    reporter,
    surroundings: { ...run.surroundings, reporter },
    elapsed: () => edge.now() - start,
    // The full logger is loaded already, and stays.
    log: { reporter, json: undefined, replace: () => undefined },
    handover: undefined,
    target: { name: target.name, database: target.database },
  };
}

/** To the log alone: the termination message is about the fleet. */
function reporterOf(run: RunContext, target: string): Reporter {
  const { edge, settings } = run;
  const { json } = run.log;
  if (json !== undefined) return lazy(() => pacedReporter(logReporter({ ...json, target })));
  const colour = wantsColour(edge);
  const story = lazy(() =>
    pacedReporter(terminalReporter({ level: settings.logLevel, fd: 2, colour, target })),
  );
  return { report: (event) => (isWorthALine(event.type) ? story.report(event) : undefined) };
}

/** A person at a terminal wants to see how each target ended, and what is in its way. */
function isWorthALine(type: Parameters<Reporter['report']>[0]['type']): boolean {
  return ![
    'run.started',
    'plan.ready',
    'lock.acquired',
    'history.created',
    'revision.applied',
  ].includes(type);
}

/** Contexts are also made where nothing is said. */
function lazy(make: () => Reporter): Reporter {
  let made: Reporter | undefined;
  return {
    report(event) {
      made ??= make();
      made.report(event);
    },
  };
}
