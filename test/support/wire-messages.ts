/** Cuts the two streams of a Postgres connection into protocol messages. */

/** One message as it stands on the wire. */
export interface WireMessage {
  readonly side: 'frontend' | 'backend';
  /** The type byte, or the name of a message that has none. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** The messages of one connection, both directions; each side is fed its pieces in order. */
export interface WireSplitter {
  /** The server process that was announced. */
  readonly backendPid: number | undefined;
  frontend(piece: Buffer): readonly WireMessage[];
  backend(piece: Buffer): readonly WireMessage[];
}

// https://www.postgresql.org/docs/18/protocol-message-formats.html
const UNTYPED = new Map([
  [80877102, 'CancelRequest'],
  [80877103, 'SSLRequest'],
  [80877104, 'GSSENCRequest'],
  [196608, 'StartupMessage'],
]);

/** Starts at the beginning of a connection; what is encrypted cannot be split. */
export function splitWire(): WireSplitter {
  let started = false;
  let bareAnswers = 0;
  let backendPid: number | undefined;

  const fromFrontend = (rest: Buffer): WireMessage | undefined => {
    if (started) return typed('frontend', rest);
    if (rest.length < 8) return undefined;
    const length = rest.readUInt32BE(0);
    if (rest.length < length) return undefined;
    const type = UNTYPED.get(rest.readUInt32BE(4)) ?? 'unknown';
    if (type === 'SSLRequest' || type === 'GSSENCRequest') bareAnswers += 1;
    else started = true;
    return { side: 'frontend', type, bytes: rest.subarray(0, length) };
  };
  const fromBackend = (rest: Buffer): WireMessage | undefined => {
    if (bareAnswers > 0 && rest.length > 0) {
      bareAnswers -= 1;
      return { side: 'backend', type: 'EncryptionAnswer', bytes: rest.subarray(0, 1) };
    }
    const message = typed('backend', rest);
    if (message?.type === 'K') backendPid = message.bytes.readUInt32BE(5);
    return message;
  };
  return {
    get backendPid() {
      return backendPid;
    },
    frontend: inOrder(fromFrontend),
    backend: inOrder(fromBackend),
  };
}

/** A message with a type byte and a length. */
function typed(side: WireMessage['side'], rest: Buffer): WireMessage | undefined {
  if (rest.length < 5) return undefined;
  const length = 1 + rest.readUInt32BE(1);
  if (rest.length < length) return undefined;
  return { side, type: String.fromCharCode(rest[0] ?? 0), bytes: rest.subarray(0, length) };
}

/** Feeds `next` with what has come so far and keeps the incomplete end for later. */
function inOrder(
  next: (rest: Buffer) => WireMessage | undefined,
): (piece: Buffer) => readonly WireMessage[] {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const messages: WireMessage[] = [];
    for (let message = next(rest); message !== undefined; message = next(rest)) {
      messages.push(message);
      rest = rest.subarray(message.bytes.length);
    }
    return messages;
  };
}
