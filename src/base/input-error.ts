/**
 * Owns the error for nonsense that a person (or the program that embeds the engine) gave: one clear sentence, thrown at
 * the edges. The command line prints the message and exits 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Stable and machine-readable, for instance `bad-metainfo`. */
  readonly code: string;

  /** `message` is one sentence without a full stop that says what is wrong, on what, and where. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
