/**
 * Reads Prometheus' text format as its documentation has it (prometheus.io, "Exposition formats"), and
 * refuses what Prometheus would refuse.
 */

/** A value with its labels. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric: what its HELP and TYPE lines say, and its samples. */
export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];

/** The metrics in `text`, by name. */
export function parsePrometheus(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  const families = new Map<string, { help: string; type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      if (keyword === 'HELP' && families.has(name)) throw new Error(`${name} appears twice`);
      const family = families.get(name) ?? { help: '', type: '', samples: [] };
      if (keyword === 'HELP') family.help = rest;
      else if (!TYPES.includes(rest)) throw new Error(`${name} has the type ${rest}`);
      else family.type = rest;
      families.set(name, family);
      current = name;
      continue;
    }
    if (line.startsWith('#')) continue;
    const sample = sampleOf(line);
    const family = families.get(current);
    if (family === undefined || !belongsTo(sample.name, current, family.type)) {
      throw new Error(`${line}: not among the lines of ${current}`);
    }
    const identity = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]);
    if (seen.has(identity)) throw new Error(`${line}: appears twice`);
    seen.add(identity);
    family.samples.push(sample);
  }
  return families;
}

/** The value of the one sample with these labels, and perhaps more; undefined where there is none. */
export function metricValue(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = (families.get(name)?.samples ?? []).filter((sample) =>
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found.length > 1) throw new Error(`${name} has ${found.length} samples like that`);
  return found[0]?.value;
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', number = ''] = LINE.exec(line) ?? [];
  if (name === undefined) throw new Error(`${line}: not a sample`);
  const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number);
  if (Number.isNaN(value) && number !== 'NaN') throw new Error(`${line}: not a number`);
  return { name, labels: labelsOf(labels, line), value };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name, value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || name in labels) {
      throw new Error(`${line}: its labels make no sense`);
    }
    labels[name] = value.replace(/\\(.)/g, (_, mark: string) => (mark === 'n' ? '\n' : mark));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function belongsTo(name: string, family: string, type: string): boolean {
  if (name === family) return true;
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] };
  return (suffixes[type as keyof typeof suffixes] ?? []).some((end) => name === family + end); // any other type has none
}
