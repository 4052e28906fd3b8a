/** Draws graphs, revisions and releases as text: `graph('a', 'b<-a', 'c<-a', 'd<-b,c')`. */

import { prepareScript } from '../../src/analysis/script.ts';
import { type AppliedRevision, appliedDigest, type Summary } from '../../src/core/applied.ts';
import { buildGraph, type Graph, type GraphNode, headsOf } from '../../src/core/graph.ts';
import { identityOf } from '../../src/core/release.ts';
import type { Revision } from '../../src/core/revision.ts';
import type { Release } from '../../src/runner/ports.ts';
import { parseRevisionFile, printRevisionFile } from '../../src/sql/revision-file.ts';

/** What a drawn revision's file says beside its place in the graph. */
export interface Sections {
  readonly up?: string;
  readonly verify?: string;
  readonly down?: string;
  /** Further header lines, each with its key. */
  readonly header?: readonly string[];
}

/**
 * A revision from `id<-parent,parent key:value …`, read from a real file text. The keys are
 * `depends`, `label`, `phase`, `compatible` and `transaction`; without sections it creates and drops
 * a table of its own name.
 */
export function revision(drawing: string, sections: Sections = {}): Revision {
  const [node = '', ...words] = drawing.trim().split(/\s+/);
  const [id = '', parents = ''] = node.split('<-');
  const values = (key: string): readonly string[] =>
    words.filter((word) => word.startsWith(`${key}:`)).flatMap((word) => split(word.split(':')[1]));
  const [verdict] = values('compatible');
  const text = printRevisionFile({
    id,
    revises: split(parents),
    dependsOn: values('depends'),
    labels: values('label'),
    phase: values('phase').includes('contract') ? 'contract' : 'expand',
    transaction: values('transaction').includes('none') ? 'none' : 'one',
    compatible: verdict === 'yes' || verdict === 'no' ? { verdict, reason: 'as drawn' } : undefined,
    description: `Revision ${id}`,
    up: sections.up ?? `create table ${id} (id int);`,
    verify: sections.verify,
    down: sections.down ?? `drop table ${id};`,
  });
  const header = (sections.header ?? []).map((line) => `-- slipway:${line}\n`).join('');
  return parseRevisionFile(header + text, `migrations/${id}.sql`);
}

/** Several drawn revisions. */
export function revisions(...drawings: readonly string[]): readonly Revision[] {
  return drawings.map((drawing) => revision(drawing));
}

/** The graph of drawn revisions. */
export function graph(...drawings: readonly string[]): Graph<Revision> {
  return buildGraph(revisions(...drawings));
}

/** A release made of drawings and revisions. */
export function releaseOf(...parts: readonly (string | Revision)[]): Release {
  const all = parts.map((part) => (typeof part === 'string' ? revision(part) : part));
  return {
    identity: async () => identityOf(buildGraph(all)),
    graph: async () => buildGraph(all),
    program: async () => undefined,
    async script(of, section) {
      const part = of[section];
      return part === undefined ? { statements: [], parsed: true } : prepareScript(of, part);
    },
  };
}

/** The row that the version table has of `of` once it is applied. */
export function appliedRow(
  of: Revision,
  differing: Partial<AppliedRevision> = {},
): AppliedRevision {
  const { id, revises, dependsOn, labels, file, description, phase, checksum, irreversible } = of;
  return {
    id,
    revises,
    dependsOn,
    labels,
    file,
    description,
    phase,
    checksum,
    irreversible,
    compatibility: of.compatible ?? { verdict: 'yes', reason: 'new table' },
    state: 'applied',
    appliedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 7,
    stamped: false,
    role: 'migrator',
    provenance: {
      pod: undefined,
      namespace: undefined,
      node: undefined,
      image: undefined,
      release: undefined,
      version: '0.0.0',
    },
    ...differing,
  };
}

/** The summary that follows from `rows`, computed from scratch. */
export function summaryOf(
  rows: readonly (GraphNode & Pick<AppliedRevision, 'checksum' | 'compatibility'>)[],
): Summary {
  return {
    heads: headsOf(rows),
    digest: appliedDigest(rows),
    applied: rows.length,
    floor: rows.findLast((row) => row.compatibility.verdict !== 'yes')?.id,
  };
}

function split(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}
