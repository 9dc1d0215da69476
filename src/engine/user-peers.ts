/**
 * Owns the way from the peers that a person named (`HOST:PORT`) to candidates: names are resolved, once.
 */
import { type Endpoint, parseHostPort } from '../base/endpoint.ts';
import { InputError } from '../base/input-error.ts';
import type { Failure } from '../ports/failure.ts';
import type { Resolver } from '../ports/resolver.ts';

const RESOLVE_TIMEOUT_MS = 10_000;

export interface UserPeerHandler {
  onUserPeer(endpoint: Endpoint): void;
  onUserPeerFailed(peer: string, failure: Failure): void;
}

/** Throws `InputError` for the first of `peers` that is not `HOST:PORT`. */
export function checkUserPeers(peers: readonly string[]): void {
  for (const peer of peers) {
    if (parseHostPort(peer) === null) throw new InputError('bad-peer', `${peer} is not HOST:PORT`);
  }
}

/** Resolves checked `peers`; the handler is called later, once for each. */
export function resolveUserPeers(
  peers: readonly string[],
  resolver: Resolver,
  handler: UserPeerHandler,
): void {
  for (const peer of peers) {
    const { host, port } = parseHostPort(peer)!;
    resolver.resolve(host, RESOLVE_TIMEOUT_MS, {
      onResolved: (addresses) => handler.onUserPeer({ address: addresses[0]!, port }),
      onFailure: (failure) => handler.onUserPeerFailed(peer, failure),
    });
  }
}
