/**
 * The seam to name resolution. An address given as a name resolves to itself. The call returns at once, and its
 * handler is called exactly once, later, never from inside `resolve`; after `cancel` it is not called.
 */
import type { Failure } from './failure.ts';

export interface ResolveHandler {
  /** Canonical addresses, at least one, in the system's order of preference. */
  onResolved(addresses: readonly string[]): void;
  onFailure(failure: Failure): void;
}

export interface Cancellable {
  cancel(): void;
}

export interface Resolver {
  resolve(host: string, timeoutMs: number, handler: ResolveHandler): Cancellable;
}
