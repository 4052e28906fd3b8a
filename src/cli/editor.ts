/** The user's editor, on a terminal. */

import { spawn } from 'node:child_process';
import { UsageError } from '../core/errors.ts';
import type { Edge } from './edge.ts';

/**
 * The command that opens an editor.
 * @throws UsageError `SLIPWAY_USAGE` without a terminal, or without an editor
 */
export function findEditor(edge: Edge, asked: string): string {
  if (!edge.stdoutIsTerminal || !edge.stderrIsTerminal) {
    throw new UsageError('SLIPWAY_USAGE', `${asked} needs a terminal`, {
      hint: 'An editor is for where somebody sits in front of it.',
    });
  }
  const editor = [edge.env['VISUAL'], edge.env['EDITOR']].find(
    (command) => command !== undefined && command.trim() !== '',
  );
  if (editor !== undefined) return editor;
  throw new UsageError('SLIPWAY_USAGE', `${asked} finds no editor`, {
    hint: 'Set VISUAL or EDITOR, for example: export EDITOR=nano.',
  });
}

/**
 * Opens `files` and waits until the editor is closed.
 * @throws UsageError `SLIPWAY_USAGE` when the editor fails
 */
export function edit(editor: string, files: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void =>
      reject(
        new UsageError('SLIPWAY_USAGE', `the editor ${why}`, {
          hint: `Check VISUAL and EDITOR, or open it yourself: ${files.join(', ')}.`,
          cause,
        }),
      );
    // A shell, as git does it: EDITOR may have arguments of its own.
    const child = spawn('sh', ['-c', `${editor} "$@"`, editor, ...files], { stdio: 'inherit' });
    child.once('error', (error) => fail('cannot be started', error));
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : fail(`ended with ${signal ?? code}`),
    );
  });
}
