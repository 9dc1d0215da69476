/**
 * Owns the one way in which this project states that something cannot happen.
 *
 * Assertions stay on in production. A failed assertion is a bug of ours, never a consequence of what a peer, a
 * tracker, a disk or a person did; the host catches it at the edge of the turn and ends the engine.
 */

/** A broken invariant: a bug in this program. */
export class BugError extends Error {
  override readonly name = 'BugError';
}

/** Throws {@link BugError} unless `condition` holds. `message` says which invariant broke. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** For a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new BugError(`unreachable: ${String(value)}`);
}
