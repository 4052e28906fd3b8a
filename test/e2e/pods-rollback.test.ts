/** The story of the rollback guide in pods: an image for each release, one Postgres. */

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readStory, type StoryCommand } from '../support/guide-story.ts';
import { buildImage, findMissing, images, playPod, type TestImage } from '../support/podman.ts';
import { createDatabase, query } from '../support/postgres.ts';
import { restricted, sharedFolder, shippedPod } from './pods.shipped.ts';

const missing = await findMissing('rollback in pods', ['podman', 'kubectl'], Object.values(images));
const story = readStory('docs/guides/rollback.md');

const containerfile = (release: string) => `FROM ${images.base}
COPY --from=${images.files} /opt/slipway /opt/slipway
COPY migrations migrations
RUN mkdir -p /slipway && node /opt/slipway/slipway.cjs build --dir migrations --out /slipway/release.bundle
ENV SLIPWAY_BUNDLE=/slipway/release.bundle SLIPWAY_RELEASE=${release}
COPY server.js /app/server.js
ENTRYPOINT ["node", "/opt/slipway/slipway.cjs"]
USER 65532:65532
`;

describe.skipIf(missing.length > 0)('a rollback in pods', { timeout: 240_000 }, () => {
  const releases = new Map<string, TestImage>();

  beforeAll(async () => {
    const files: Record<string, string> = {
      'server.js': "console.log('serving'); setInterval(() => {}, 1000);",
    };
    for (const step of story) {
      if (step.kind === 'file') files[`migrations/${basename(step.path)}`] = step.text;
      else if (!releases.has(step.release)) {
        releases.set(step.release, await buildImage(containerfile(step.release), files));
      }
    }
    return async () => {
      for (const image of releases.values()) await image[Symbol.asyncDispose]();
    };
  }, 240_000);

  it('goes as the guide tells it: init containers decide, an operator rolls back', async () => {
    await using database = await createDatabase();
    await using shared = await sharedFolder(database.url);
    for (const step of story) {
      if (step.kind === 'file') continue;
      const { exitCode, said } = await perform(step);
      const line = `${step.release}: slipway ${step.args.join(' ')}`;
      expect(exitCode, `${line}\n${said}`).toBe(step.exitCode);
      if (step.says !== undefined) expect(said, line).toContain(step.says);
      if (step.query !== undefined) {
        expect(await query(database.url, step.query), line).toHaveLength(1);
      }
    }

    /** `upgrade` is what the init container of a release does; the rest is an operator's. */
    async function perform({ release, args }: StoryCommand) {
      const image = releases.get(release)?.name ?? '';
      if (args[0] !== 'upgrade') {
        const { code, stdout, stderr } = await restricted(image, shared, { command: args });
        return { exitCode: code, said: stdout + stderr };
      }
      await using pod = await playPod(await shippedPod('init-container', image, shared, release));
      const exitCode = await pod.exitCode('migrate');
      expect(pod.started).toBe(exitCode === 0);
      const message = await readFile(join(shared.path, 'termination-log'), 'utf8');
      expect(message.length).toBeLessThanOrEqual(1024);
      return { exitCode, said: `${await pod.logs('migrate')}\n${message}` };
    }
  });
});
