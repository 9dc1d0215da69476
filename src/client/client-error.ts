/**
 * Owns the error for calls that fail for a reason other than nonsense given by the caller (that is
 * `InputError`).
 */

/**
 * What went wrong: a failure code of `ports/failure.ts`, `closed` for a closed client, or `bug` for a dead
 * engine.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;

  /** `message` is one sentence without a full stop. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
