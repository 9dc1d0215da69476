/**
 * Owns the peers that a torrent knows of without asking anybody: those that a person named (`HOST:PORT`, names are resolved) and
 * those that were good in an earlier session.
 */
import { parseHostPort } from '../base/endpoint.ts';
import { InputError } from '../base/input-error.ts';
import type { Torrent } from './torrent.ts';
import { peerUnresolvedEvent } from './torrent-events.ts';
import type { TorrentShared } from './torrent-shared.ts';

const RESOLVE_TIMEOUT_MS = 10_000;

/** Throws `InputError` for the first of `peers` that is not `HOST:PORT`. */
export function checkUserPeers(peers: readonly string[]): void {
  for (const peer of peers) {
    if (parseHostPort(peer) === null) throw new InputError('bad-peer', `${peer} is not HOST:PORT`);
  }
}

/** Makes candidates of them: `goodPeers` now, checked `userPeers` when their names are resolved. */
export function seekKnownPeers(
  torrent: Torrent,
  userPeers: readonly string[],
  goodPeers: readonly string[],
  shared: TorrentShared,
): void {
  for (const peer of userPeers) resolveUserPeer(torrent, peer, shared);
  // A private torrent takes peers from its tracker only (BEP 27).
  if (torrent.metainfo.isPrivate) return;
  for (const text of goodPeers) {
    const peer = parseHostPort(text);
    if (peer !== null) torrent.swarm!.addCandidate({ address: peer.host, port: peer.port }, 'resume', null);
  }
}

function resolveUserPeer(torrent: Torrent, peer: string, shared: TorrentShared): void {
  const { host, port } = parseHostPort(peer)!;
  shared.resolver.resolve(host, RESOLVE_TIMEOUT_MS, {
    onResolved: (addresses) => torrent.swarm?.addCandidate({ address: addresses[0]!, port }, 'user', null),
    onFailure: (failure) => shared.events.emit(peerUnresolvedEvent(torrent.infoHash, peer, failure)),
  });
}
