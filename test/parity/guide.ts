/** Writes the page about the differences from Alembic: `node test/parity/guide.ts`. */

import { writeFileSync } from 'node:fs';
import { readRecording } from './alembic.ts';
import { batchesOf } from './cases.ts';
import { DIFFERENCES } from './differences.ts';
import { GRAPHS } from './graphs.ts';

/** Where the page is. */
export const GUIDE = 'docs/guides/differences-from-alembic.md';

/** The page as the list of differences has it. */
export function guidePage(): string {
  const batches = GRAPHS.flatMap(batchesOf);
  const questions = batches.reduce((sum, batch) => sum + batch.targets.length, 0);
  const rows = DIFFERENCES.map(
    ({ id, title, alembic, slipway, reason }) =>
      `| <a id="${id}"></a>${title} | ${alembic} | ${slipway} | ${reason} |`,
  );
  return `# Differences from Alembic

Slipway takes Alembic's targets and gives them Alembic's meaning. That is measured: ${GRAPHS.length} histories
(lines, branches, merges, labels, several bases, \`depends_on\`, and ${GRAPHS.filter(({ name }) => name.startsWith('random')).length} random ones) are written both as
Alembic scripts and as slipway's files, and both are asked the same ${questions.toLocaleString('en')} questions:
\`upgrade\`, \`downgrade\` and \`stamp\`, from several states, to targets such as \`head\`, \`+2\`, \`-1\`, an
id or its beginning, \`id-1\`, \`label@head\`, \`label@id\`, and nonsense; \`history -r\` with ranges. Both
must agree on whether it works, which revisions run, and what is applied afterwards. Every disagreement falls under one of the
${DIFFERENCES.length} differences below, or the test fails. Alembic's answers are those of version ${readRecording().version}.

Where several orders are sound (two branches that do not need each other), the order may be another
one; slipway's does not depend on how the file system lists a folder.

| target | Alembic | slipway | why |
|---|---|---|---|
${rows.join('\n')}

The comparison is in \`test/parity\`; this page is made from it by \`node test/parity/guide.ts\`.
`;
}

if (import.meta.main) writeFileSync(GUIDE, guidePage());
