/** Owns the letters that say how we and a peer stand to each other, and what they mean. Pure. */
import type { PeerSnapshot } from '../../client/index.ts';

/** Letters and their meaning, for the help. */
export const PEER_FLAGS: readonly (readonly [string, string])[] = [
  ['D', 'sends us data'],
  ['d', 'has what we want, but chokes us'],
  ['K', 'would send, but has nothing that we want'],
  ['U', 'gets data from us'],
  ['u', 'wants data, but we choke it'],
  ['S', 'snubs us: promised data and sends none'],
  ['I', 'connected to us, not we to it'],
];

/** At most four letters. */
export function peerFlags(peer: PeerSnapshot): string {
  let flags = '';
  if (peer.amInterested) flags += peer.peerChoking ? 'd' : 'D';
  else if (!peer.peerChoking) flags += 'K';
  if (peer.peerInterested) flags += peer.amChoking ? 'u' : 'U';
  if (peer.isSnubbed) flags += 'S';
  if (peer.isIncoming) flags += 'I';
  return flags;
}
