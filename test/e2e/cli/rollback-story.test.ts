/** The story of the rollback guide, with the built program and a bundle for each release. */

import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { readStory, type StoryCommand } from '../../support/guide-story.ts';
import { createPlace } from '../../support/projects.ts';

const story = readStory('docs/guides/rollback.md');

it('has releases, a refusal, a rollback and a way forward', () => {
  const commands = story.filter((step): step is StoryCommand => step.kind === 'command');
  expect(new Set(commands.map(({ release }) => release))).toEqual(new Set(['v1', 'v2', 'v3']));
  expect(commands.filter(({ exitCode }) => exitCode === 14)).toHaveLength(1);
  expect(commands.filter(({ args }) => args[0] === 'rollback').length).toBeGreaterThan(2);
});

it('ends each command as the guide says', async () => {
  const place = await createPlace();
  const bundles = new Map<string, string>();
  for (const step of story) {
    if (step.kind === 'file') {
      await place.project.write(`migrations/${basename(step.path)}`, step.text);
      continue;
    }
    const { release, args, exitCode, says, query } = step;
    if (!bundles.has(release)) {
      const bundle = place.project.path(`${release}.bundle`);
      await place.succeed(['build', '--out', bundle]);
      bundles.set(release, bundle);
    }
    const run = await place.run(args, {
      env: { SLIPWAY_BUNDLE: bundles.get(release) ?? '', SLIPWAY_RELEASE: release },
    });
    const line = `${release}: slipway ${args.join(' ')}`;
    expect(run.exitCode, `${line}\n${run.stderr}`).toBe(exitCode);
    if (says !== undefined) expect(run.stderr, line).toContain(says);
    if (query !== undefined) expect(await place.query(query), line).toHaveLength(1);
  }
});
