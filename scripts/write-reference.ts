/** Writes `docs/reference/` from the code; with `--check` it only says what is stale. */

import { readFileSync, writeFileSync } from 'node:fs';
import { cliPage } from './reference/cli.ts';
import { configPage } from './reference/config.ts';
import { errorsPage } from './reference/errors.ts';
import { eventsPage } from './reference/events.ts';
import { lintCoveragePage, lintPage } from './reference/lint.ts';
import { statementFactsPage } from './reference/statement-facts.ts';

const FOLDER = 'docs/reference';

/** The generated pages, by path. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [`${FOLDER}/cli.md`, cliPage()],
    [`${FOLDER}/config.md`, configPage()],
    [`${FOLDER}/errors.md`, errorsPage()],
    [`${FOLDER}/events.md`, eventsPage()],
    [`${FOLDER}/statement-facts.md`, await statementFactsPage()],
    [`${FOLDER}/lint.md`, lintPage()],
    [`${FOLDER}/lint-coverage.md`, lintCoveragePage()],
  ]);
}

/** The paths whose file is not what the code says. */
export async function stalePages(): Promise<readonly string[]> {
  return [...(await referencePages())]
    .filter(([path, text]) => readPage(path) !== text)
    .map(([path]) => path);
}

function readPage(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const stale = await stalePages();
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale: npm run reference writes it`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    const pages = await referencePages();
    for (const path of stale) {
      writeFileSync(path, pages.get(path) ?? '');
      console.log(`wrote ${path}`);
    }
  }
}
