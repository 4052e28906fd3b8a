/** A password appears nowhere: no output of any command, in no failure, at no level. */

import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedPostgres } from '../../../src/embedded/server.ts';
import { failureOf, slipway, start } from '../../support/cli.ts';
import { query, startPostgres } from '../../support/postgres.ts';
import { createPlace, createProject, type Project } from '../../support/projects.ts';

const password = 'p@ss:w/ör d%41\'"\\한글#?&';
const wrong = 'wr0ng:v/ery&l%ong';
const revisions = [
  { id: 'r1', up: 'create table a ();' },
  { id: 'r2', up: 'selec nothing;' },
];

type Env = Readonly<Record<string, string>>;

/** Every way in which the text could be written down. */
function spellings(secret: string): readonly string[] {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, encodeURIComponent(secret), encodeURI(secret), quoted, base64];
}

const hidden = [...spellings(password), ...spellings(wrong)];

function expectNoSecret(text: string): void {
  for (const spelling of hidden) expect(text.includes(spelling), text).toBe(false);
}

describe('secrets', () => {
  let server: EmbeddedPostgres;
  let project: Project;

  beforeAll(async () => {
    server = await startPostgres({
      hba: 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    });
    await query(adminUrl(), "create role app login superuser password 'unset'");
    await setPassword(password);
    project = await createProject(revisions);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const adminUrl = () =>
    `postgres://postgres@localhost/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`;
  const setPassword = (to: string) =>
    query(adminUrl(), `alter role app password '${to.replaceAll("'", "''")}'`);
  const where = () => `${server.host}:${server.port}/postgres`;
  const urlWith = (secret: string, at = where()) =>
    `postgres://app:${encodeURIComponent(secret)}@${at}`;

  const sources: readonly {
    from: string;
    give: (secret: string) => Promise<Env>;
  }[] = [
    { from: 'the URL', give: async (secret) => ({ DATABASE_URL: urlWith(secret) }) },
    {
      from: 'PGPASSWORD',
      give: async (secret) => ({ DATABASE_URL: `postgres://app@${where()}`, PGPASSWORD: secret }),
    },
    {
      from: 'DATABASE_URL_FILE',
      give: async (secret) => ({
        DATABASE_URL_FILE: await project.write(`url-${secret.length}`, `${urlWith(secret)}\n`),
      }),
    },
    {
      from: 'SLIPWAY_PASSWORD_COMMAND',
      give: async (secret) => ({
        DATABASE_URL: `postgres://app@${where()}`,
        SLIPWAY_PASSWORD_COMMAND: `cat ${await project.write(`token-${secret.length}`, secret)}; echo`,
      }),
    },
  ];

  it.each(sources)('from $from appear in no output of any command', async ({ give }) => {
    const message = project.path('termination-log');
    const good: Env = { ...(await give(password)), SLIPWAY_TERMINATION_LOG: message };
    const bad = { ...(await give(wrong)), SLIPWAY_CONNECT_TIMEOUT: '200ms' };
    const run = async (args: readonly string[], env: Env) => {
      const outcome = await slipway(args, { cwd: project.root, env });
      expectNoSecret(outcome.stdout + outcome.stderr);
      return outcome;
    };
    failureOf(await run(['upgrade', '--log-level', 'debug'], good), 12, 'SLIPWAY_REVISION_FAILED');
    expectNoSecret(await readFile(message, 'utf8'));
    for (const command of ['status', 'current', 'history', 'config --json']) {
      expect((await run(command.split(' '), good)).exitCode).toBe(0);
    }
    if (good['DATABASE_URL'] !== undefined) {
      expect((await run(['config'], good)).stdout).toMatch(/^url +\[redacted\] +DATABASE_URL/m);
    }
    await run(['upgrade'], { ...good, SLIPWAY_LOG_FORMAT: 'pretty', SLIPWAY_LOG_LEVEL: 'debug' });
    const refused = await run(['upgrade', '--log-level', 'debug'], bad);
    failureOf(refused, 21, 'SLIPWAY_DB_AUTH_FAILED');
    const audit = await query(adminUrl(), 'select l::text from slipway.log l');
    expect(audit.length).toBeGreaterThan(0);
    expectNoSecret(JSON.stringify(audit));
  });

  it('in a URL appear in no failure to connect or to read it', async () => {
    const place = await createPlace(...revisions);
    const urls = [
      urlWith(password, '127.0.0.1:1/shop'),
      urlWith(password, 'no.such.host.invalid/shop'),
      urlWith(password, `${server.host}:${server.port}/nowhere`),
      `postgres://app:${password}@${where()}`,
      `postgres://app:${encodeURIComponent(wrong)}@${where()}?sslmode=nonsense`,
      `postgres://app:${encodeURIComponent(wrong)}@${where()}?sslmode=verify-full`,
      `host=127.0.0.1 port=1 user=app password='${wrong}' dbname=x`,
      `host=127.0.0.1 password='${wrong}`,
      `mysql://app:${encodeURIComponent(wrong)}@${where()}`,
    ];
    const outcomes = await Promise.all(
      urls.flatMap((url) =>
        ['json', 'pretty'].map((format) =>
          place.run(['upgrade', '--connect-timeout', '200ms', '--log-level', 'debug'], {
            url,
            env: { SLIPWAY_LOG_FORMAT: format },
          }),
        ),
      ),
    );
    for (const { exitCode, stdout, stderr } of outcomes) {
      expect([10, 20, 21], stderr).toContain(exitCode);
      expectNoSecret(stdout + stderr);
    }
  });

  it('that rotate are read again when the old one does not work any more', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table rotated ();' });
    const file = await place.project.write('url', urlWith(wrong));
    const env = { DATABASE_URL_FILE: file };
    const run = () => slipway(['current'], { cwd: place.project.root, env });
    failureOf(await run(), 21, 'SLIPWAY_DB_AUTH_FAILED');
    await writeFile(file, urlWith(password));
    expect((await run()).exitCode).toBe(0);
  });

  it('that rotate while slipway waits for the server are read again', async () => {
    const place = await createPlace({ id: 'r1', up: 'create table rotated ();' });
    const file = await place.project.write('url', urlWith(wrong));
    await server.stop();
    const running = start(['current'], {
      cwd: place.project.root,
      env: { DATABASE_URL_FILE: file },
    });
    await running.logged('connection.retrying');
    await writeFile(file, urlWith(password));
    await server.start();
    const outcome = await running.ended;
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expectNoSecret(outcome.stderr);
  });
});
