/** The examples for CI and pre-commit: they are YAML, and the program takes their commands. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inertProgram } from '../../../scripts/reference/program.ts';
import { commandsInBlocks } from '../docs/pages.ts';

const FOLDER = 'examples/ci';
const FILES = ['.pre-commit-hooks.yaml', ...readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`)];

/** Prints the files of its arguments as JSON; fails where one is no YAML, or there is no parser. */
const PARSER = `
import json, sys, yaml
print(json.dumps([yaml.load(open(path), Loader=yaml.BaseLoader) for path in sys.argv[1:]]))
`;

const python = (...args: readonly string[]) =>
  spawnSync('python3', ['-c', ...args], { encoding: 'utf8' });

// A parser is no dependency of slipway's; the machines of CI and of most people have this one.
const hasParser = python('import yaml').status === 0;

/** The arguments of every command in the file, comments left out. */
const commandsOf = (text: string): readonly (readonly string[])[] => {
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => /^\s*(?:- )?(?:run: |entry: )?(?:npx )?(slipway .*)$/.exec(line)?.[1] ?? []);
  return commandsInBlocks(`\`\`\`sh\n${lines.join('\n')}\n\`\`\``);
};

describe('the examples for CI', () => {
  it.skipIf(!hasParser)('are YAML, and hand pre-commit the hook that it asks for', () => {
    const { stdout, stderr } = python(PARSER, ...FILES);
    expect(stderr).toBe('');
    const documents = JSON.parse(stdout) as unknown[];
    const at = (path: string) => documents[FILES.indexOf(path)];
    expect(at('.pre-commit-hooks.yaml')).toMatchObject([
      {
        id: 'slipway-check-files',
        entry: 'slipway check-files --log-format pretty',
        language: 'node',
        pass_filenames: 'false',
      },
      { id: 'slipway-lint', language: 'node', require_serial: 'true' },
    ]);
    expect(at(`${FOLDER}/pre-commit-config.yaml`)).toMatchObject({
      repos: [{ hooks: [{ id: 'slipway-check-files' }, { id: 'slipway-lint' }] }],
    });
  });

  it.each(FILES)('%s has only commands that the program takes', (path) => {
    for (const args of commandsOf(readFileSync(path, 'utf8'))) {
      expect(() => inertProgram().parse([...args], { from: 'user' }), args.join(' ')).not.toThrow();
    }
  });

  it('check and lint the files, and go there, back and there again', () => {
    for (const name of ['github-actions.yaml', 'gitlab-ci.yaml']) {
      const names = commandsOf(readFileSync(`${FOLDER}/${name}`, 'utf8')).map(([first]) => first);
      expect(new Set(names)).toEqual(new Set(['check-files', 'lint', 'upgrade', 'downgrade']));
      expect(names.slice(-3)).toEqual(['upgrade', 'downgrade', 'upgrade']);
    }
  });

  it('look at revision files alone', () => {
    const hooks = readFileSync('.pre-commit-hooks.yaml', 'utf8').matchAll(/^ {2}files: (.+)$/gm);
    const patterns = [...new Set([...hooks].map(([, pattern = '']) => pattern))];
    expect(patterns).toHaveLength(1);
    const files = new RegExp(patterns[0] ?? '');
    expect(['migrations/1_a.sql', 'apps/shop/migrations/1_a.ts'].every((f) => files.test(f))).toBe(
      true,
    );
    expect(
      [
        'src/a.ts',
        'migrations/README.md',
        'migrations/templates/a.sql',
        'oldmigrations/a.sql',
      ].some((f) => files.test(f)),
    ).toBe(false);
  });
});
