/** The first line of a release bundle: enough to see that there is nothing to do. */

import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { RevisionFileError } from '../core/errors.ts';
import type { ReleaseIdentity } from '../core/release.ts';

export const BUNDLE_FORMAT = 5;
const NEWLINE = 0x0a;

/** What the first line of a bundle says. */
export interface BundleHeader {
  readonly slipway: 'bundle';
  readonly format: number;
  /** The slipway that wrote it. */
  readonly version: string;
  /** Image or git revision, when the build was told. */
  readonly release: string | undefined;
  readonly identity: ReleaseIdentity;
  /** Hex SHA-256 of everything behind the first line. */
  readonly content: string;
  /** Hex SHA-256 of this header without this field. */
  readonly digest: string;
}

/**
 * The first line, checked. Synchronous: it is a few kilobytes, and the whole of the no-op path.
 * @throws RevisionFileError `SLIPWAY_FILE_UNREADABLE`, `SLIPWAY_BUNDLE_INVALID`
 */
export function readHeader(path: string): BundleHeader {
  const line = readFirstLine(path);
  let header: BundleHeader;
  try {
    header = JSON.parse(line) as BundleHeader; // checked right below, field by digest
  } catch (error) {
    throw invalid(path, 'its first line is not JSON', error);
  }
  if (header?.slipway !== 'bundle') throw invalid(path, 'it is not a slipway bundle');
  if (header.format !== BUNDLE_FORMAT) {
    throw invalid(path, `it has format ${header.format}, and this slipway reads ${BUNDLE_FORMAT}`);
  }
  const { digest, ...unsigned } = header;
  if (digest !== sha256(JSON.stringify(unsigned))) {
    throw invalid(path, 'its first line does not match its digest');
  }
  return header;
}

function readFirstLine(path: string): string {
  const chunks: Buffer[] = [];
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (;;) {
      const chunk = Buffer.allocUnsafe(16_384);
      const length = readSync(file, chunk);
      const end = chunk.subarray(0, length).indexOf(NEWLINE);
      chunks.push(chunk.subarray(0, end < 0 ? length : end));
      if (end >= 0 || length === 0) return Buffer.concat(chunks).toString('utf8');
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The bundle is not there, or may not be read. */
export function unreadable(path: string, error: unknown): RevisionFileError {
  const { code } = error as NodeJS.ErrnoException;
  return new RevisionFileError(
    'SLIPWAY_FILE_UNREADABLE',
    `cannot read the bundle ${path}: ${code === 'ENOENT' ? 'it does not exist' : (code ?? 'unknown error')}`,
    {
      hint: 'slipway build writes it; --bundle (SLIPWAY_BUNDLE) says where it is.',
      cause: error,
      details: { file: path },
    },
  );
}

/** The bundle is there and cannot be used. */
export function invalid(path: string, why: string, cause?: unknown): RevisionFileError {
  return new RevisionFileError('SLIPWAY_BUNDLE_INVALID', `bundle ${path} cannot be used: ${why}`, {
    hint: 'Build it again with slipway build.',
    cause,
    details: { file: path },
  });
}

/** Hex SHA-256. */
export function sha256(text: string): string {
  return hash('sha256', text);
}
