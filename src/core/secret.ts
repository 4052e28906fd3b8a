/** A value that never shows itself: printing, joining or serialising it gives `[redacted]`. */

const MASK = '[redacted]';

export interface Secret {
  /** The value itself, for the one place that needs it. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

/** Wraps `value` so that only `reveal()` shows it. */
export function secret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => MASK,
    toJSON: () => MASK,
    [Symbol.for('nodejs.util.inspect.custom')]: () => MASK,
  });
}
