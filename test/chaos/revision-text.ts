/** Writes random revisions as the files that slipway reads. */

import type { ChaosRevision } from './revision-set.ts';
import type { ChaosStatement } from './world.ts';

/** A revision as an SQL file. */
export function sqlFile(revision: ChaosRevision): string {
  const { id, revises, dependsOn, header, up, down, verify, pieces } = revision;
  return [
    `-- slipway:revision ${id}`,
    ...(revises.length > 0 ? [`-- slipway:revises ${revises.join(' ')}`] : []),
    ...(dependsOn.length > 0 ? [`-- slipway:depends-on ${dependsOn.join(' ')}`] : []),
    ...header.map((line) => `-- slipway:${line}`),
    `-- ${pieces.join(', ') || 'nothing'}`,
    '',
    '-- slipway:up',
    ...up.flatMap(lines),
    '',
    ...(verify.length > 0 ? ['-- slipway:verify', ...verify.map((sql) => `${sql};`), ''] : []),
    '-- slipway:down',
    ...down.flatMap(lines),
    '',
  ].join('\n');
}

/** A revision as a program that sends each statement by itself. */
export function typescriptFile(revision: ChaosRevision): string {
  const { id, revises, dependsOn, up, down, verify, pieces } = revision;
  const calls = (statements: readonly ChaosStatement[]) =>
    statements.map(({ sql }) => `    await db.query(${JSON.stringify(sql)});`);
  return [
    "import { defineRevision } from 'slipway';",
    '',
    'export default defineRevision({',
    `  revision: '${id}',`,
    `  revises: ${JSON.stringify(revises)},`,
    `  dependsOn: ${JSON.stringify(dependsOn)},`,
    `  description: ${JSON.stringify(pieces.join(', '))},`,
    '  async up(db) {',
    ...calls(up),
    '  },',
    '  async verify(db) {',
    '    const answers: boolean[] = [];',
    ...verify.flatMap((sql) => [
      `    const { rows } = await db.query<{ held: boolean }>(${JSON.stringify(`select (${sql}) as held`)});`,
      '    answers.push(rows[0]?.held === true);',
    ]),
    '    return answers.every(Boolean);',
    '  },',
    '  async down(db) {',
    ...calls(down),
    '  },',
    '});',
    '',
  ].join('\n');
}

function lines({ sql, inFile, onlyIf, idempotent }: ChaosStatement): readonly string[] {
  return [
    ...(onlyIf === undefined ? [] : [`-- slipway:only-if ${onlyIf}`]),
    ...(idempotent ? ['-- slipway:idempotent'] : []),
    inFile ?? `${sql};`,
  ];
}
