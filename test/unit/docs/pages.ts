/** The documentation as text: pages, headings, links and commands. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Markdown page. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

const ROOT_PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];

/** Every page that people read. */
export const PAGES: readonly Page[] = [
  ...ROOT_PAGES,
  ...markdownIn('docs'),
  ...markdownIn('helm'),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** The page at `path`. */
export function pageAt(path: string): Page {
  const page = PAGES.find((each) => each.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  return page;
}

/** The page without its code blocks. */
export function withoutBlocks(text: string): string {
  return text.replace(/^(```+).*\n[\s\S]*?^\1$/gm, '');
}

/** Headings of one level, in order. */
export function headings(text: string, level: number): readonly string[] {
  const lines = withoutBlocks(text).matchAll(/^(#+) (.+)$/gm);
  return [...lines].flatMap(([, hashes, title]) =>
    hashes?.length === level && title !== undefined ? [title] : [],
  );
}

/** The anchors that GitHub gives a page's headings. */
export function anchors(text: string): ReadonlySet<string> {
  const titles = withoutBlocks(text).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...titles].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{Letter}\p{Number}\p{Mark} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Targets of the page's links that stay in the repository. */
export function internalLinks(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

/** The arguments of every `slipway …` in a page's code blocks: what people copy. */
export function commandsInBlocks(text: string): readonly (readonly string[])[] {
  const blocks = text.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, body = '']) =>
    body
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .flatMap(argumentsIn),
  );
}

/** The arguments of every `slipway …` in running text; there a command's name may stand alone. */
export function commandsInText(text: string): readonly (readonly string[])[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    argumentsIn(code),
  );
}

function argumentsIn(line: string): readonly (readonly string[])[] {
  const match = /^\s*(?:\$ )?(?:npm run )?slipway(?: --)?(?= |$)(.*)$/.exec(line);
  return match === null ? [] : [words((match[1] ?? '').replace(/\s#\s.*$/, ''))];
}

/** Words as a shell splits them. */
function words(line: string): readonly string[] {
  const parts = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return parts.map((part) => part.replace(/["']/g, ''));
}

function markdownIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort();
}

/** The part of a page below one of its headings of level 2. */
export function section(page: Page, title: string): string {
  return page.text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}
