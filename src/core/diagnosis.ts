/** A failure in plain words, for whoever looks first: one text feeds terminal, log and Kubernetes. */

import { ERROR_CODES, type SlipwayError } from './errors.ts';

export interface Diagnosis {
  readonly code: string;
  readonly exitCode: number;
  /** What happened, in one line. */
  readonly headline: string;
  /** The failing line with a caret below it. */
  readonly excerpt: string | undefined;
  /** What the server added: SQLSTATE, detail, hint, context. */
  readonly server: readonly string[];
  /** What became of the database. */
  readonly state: readonly string[];
  readonly next: string | undefined;
}

/** Everything a person needs to know about `error`. */
export function diagnose(error: SlipwayError): Diagnosis {
  const { details } = error;
  return {
    code: error.code,
    exitCode: ERROR_CODES[error.code].exit,
    headline: error.message,
    excerpt: text(details['excerpt']),
    server: serverLines(details),
    state: stateLines(details),
    next: error.hint,
  };
}

/** The diagnosis as lines of plain text, the most important first. */
export function diagnosisLines(diagnosis: Diagnosis): readonly string[] {
  return [
    `${diagnosis.code} (exit ${diagnosis.exitCode}): ${diagnosis.headline}`,
    ...(diagnosis.excerpt?.split('\n') ?? []),
    ...diagnosis.server,
    ...diagnosis.state,
    ...(diagnosis.next === undefined ? [] : [`next: ${diagnosis.next}`]),
    `more: slipway explain ${diagnosis.code}`,
  ];
}

function serverLines(details: SlipwayError['details']): readonly string[] {
  return [
    ...labelled('sqlstate', details['sqlState']),
    ...labelled('detail', details['detail']),
    ...labelled('hint', details['hint']),
    ...labelled('context', details['where']),
  ];
}

function stateLines(details: SlipwayError['details']): readonly string[] {
  const { rolledBack, finished, heads, appliedAt, appliedBy, amounts, statement, notTakenBack } =
    details;
  const lines: string[] = [];
  if (typeof statement === 'string') lines.push(`by ${statement}`);
  if (typeof appliedAt === 'string' && typeof appliedBy === 'string') {
    lines.push(`applied ${appliedAt} by ${appliedBy}`);
  }
  if (typeof notTakenBack === 'string') lines.push(`not taken back: ${notTakenBack}`);
  if (Array.isArray(amounts)) lines.push(...amounts.map((amount) => `would lose ${amount}`));
  if (typeof rolledBack === 'boolean') {
    lines.push(
      rolledBack
        ? 'rolled back: nothing of this revision is left in the database'
        : 'not rolled back: it runs outside a transaction; the next run looks at what is there',
    );
  }
  if (Array.isArray(finished) && finished.length > 0) {
    lines.push(`applied before it in this run: ${shorten(finished.map(String))}`);
  }
  if (Array.isArray(heads)) {
    lines.push(
      heads.length === 0
        ? 'the database is empty of revisions'
        : `the database is at ${heads.map(String).join(', ')}`,
    );
  }
  return lines;
}

function labelled(label: string, value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? [`${label}: ${value}`] : [];
}

function shorten(ids: readonly string[]): string {
  return ids.length <= 5
    ? ids.join(', ')
    : `${ids.slice(0, 2).join(', ')} … ${ids.at(-1)} (${ids.length})`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
