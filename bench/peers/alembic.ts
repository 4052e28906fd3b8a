/** alembic: the migrator in Python, as the distribution packages it, told to commit each revision. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cleanEnvironment } from '../measure.ts';
import { timestamp, writeFiles } from '../workload.ts';
import type { Peer } from './peer.ts';

const run = promisify(execFile);

const ENVIRONMENT = `import os

from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
`;

/** Finds a Python that has alembic and psycopg2: the distribution's own first, then the one on PATH. */
export async function findAlembic(): Promise<Peer> {
  const { python, version } = await findPython(['/usr/bin/python3', 'python3']);
  return {
    name: 'alembic',
    version,
    prepare: async (work, revisions) => {
      await writeFiles(work, [
        ['alembic.ini', `[alembic]\nscript_location = ${work}\n`],
        ['env.py', ENVIRONMENT],
      ]);
      await writeFiles(
        join(work, 'versions'),
        revisions.map((revision, index) => {
          const parent = revisions[index - 1]?.id;
          const text = [
            `"""${revision.slug}"""`,
            'from alembic import op',
            `revision = "${revision.id}"`,
            `down_revision = ${parent === undefined ? 'None' : `"${parent}"`}`,
            `def upgrade():\n    op.execute("""${revision.up}""")`,
            `def downgrade():\n    op.execute("""${revision.down}""")`,
            '',
          ].join('\n');
          return [`${timestamp(revision.writtenAt)}_${revision.slug}.py`, text];
        }),
      );
      return (url) => ({
        argv: [python, '-m', 'alembic', 'upgrade', 'head'],
        cwd: work,
        env: cleanEnvironment({ DATABASE_URL: url }),
      });
    },
  };
}

async function findPython(
  candidates: readonly string[],
): Promise<{ python: string; version: string }> {
  for (const python of candidates) {
    const found = await run(python, [
      '-c',
      'import alembic, psycopg2; print(alembic.__version__)',
    ]).catch(() => undefined);
    if (found !== undefined) return { python, version: found.stdout.trim() };
  }
  throw new Error(
    'no Python here has it; install it with: apt-get install python3-alembic python3-psycopg2',
  );
}
