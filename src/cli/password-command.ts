/** Passwords that a command prints: short-lived tokens of cloud databases. */

import { execFile } from 'node:child_process';
import { ConfigError } from '../core/errors.ts';
import { type Secret, secret } from '../core/secret.ts';

const TIMEOUT_MS = 30_000;

/**
 * The first line that the command prints. Its output and its arguments are never shown.
 * @throws ConfigError `SLIPWAY_CONFIG_INVALID`
 */
export function runPasswordCommand(command: string): Promise<Secret> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', command], { timeout: TIMEOUT_MS }, (error, stdout) => {
      const [password = ''] = stdout.split('\n');
      if (error === null && password !== '') {
        resolve(secret(password));
        return;
      }
      const why =
        error === null ? 'it printed nothing' : `exit ${String(error.code ?? error.signal)}`;
      reject(
        new ConfigError('SLIPWAY_CONFIG_INVALID', `the password command failed: ${why}`, {
          hint: 'Run the command of SLIPWAY_PASSWORD_COMMAND by hand and see what it says.',
        }),
      );
    });
  });
}
