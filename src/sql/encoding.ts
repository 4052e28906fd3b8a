/** The bytes of a revision file as text: UTF-8, without NUL. */

import { fileError } from './file-error.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const REPLACEMENT = '\ufffd';

/** The text of a file. A byte order mark stays. Throws `SLIPWAY_FILE_MALFORMED` at the bad byte. */
export function decode(content: Uint8Array | string, file: string): string {
  const source = typeof content === 'string' ? checkedText(content, file) : text(content, file);
  const nul = source.indexOf('\0');
  if (nul === -1) return source;
  throw fileError(
    { file, source },
    {
      offset: nul,
      problem: 'a NUL character, which Postgres cannot store',
      hint: 'remove it, or save the file as UTF-8 if it was saved as UTF-16',
    },
  );
}

function text(bytes: Uint8Array, file: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    const source = lenient.decode(bytes);
    const { offset, byte } = firstReplaced(bytes, source);
    const hex = (bytes[byte] ?? 0).toString(16).padStart(2, '0');
    throw fileError(
      { file, source },
      { offset, problem: `byte 0x${hex} is not UTF-8`, hint: 'save the file as UTF-8' },
    );
  }
}

/** Where the decoder put a replacement character for bytes that were not one. */
function firstReplaced(bytes: Uint8Array, source: string): { offset: number; byte: number } {
  let offset = 0;
  let byte = 0;
  for (;;) {
    const found = source.indexOf(REPLACEMENT, offset);
    byte += Buffer.byteLength(source.slice(offset, found));
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) {
      return { offset: found, byte };
    }
    offset = found + 1;
    byte += 3;
  }
}

function checkedText(source: string, file: string): string {
  if (source.isWellFormed()) return source;
  const offset = source.search(/\p{Surrogate}/u);
  throw fileError(
    { file, source },
    { offset, problem: 'half a character (a lone surrogate)', hint: 'save the file as UTF-8' },
  );
}
