/** Certificates for tests: an authority, and a server on the loopback address that it vouches for. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority and a certificate for 127.0.0.1, with openssl. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-certificates-'));
  const at = (name: string) => join(folder, name);
  const issue = (name: string, subject: string, ...rest: readonly string[]) => {
    const kind = ['-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), '-days', '2'];
    execFileSync('openssl', ['req', ...kind, ...files, '-subj', subject, ...rest], {
      stdio: 'ignore',
    });
  };
  try {
    issue('ca', '/CN=test authority');
    const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key')];
    const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
    issue('server', '/CN=kubernetes', ...signer, '-addext', names);
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'server.crt', 'server.key'].map((name) => readFile(at(name), 'utf8')),
    );
    return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
