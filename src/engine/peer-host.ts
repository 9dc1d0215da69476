/**
 * Owns what a peer needs of the engine around it: its torrent's swarm, the way to find it, and what all peers share.
 */
import type { Arena, NO_SLOT } from '../base/arena.ts';
import type { PieceIndex, SlotId } from '../base/numbers.ts';
import type { BlockCopy } from '../ports/block-copy.ts';
import type { Time } from '../ports/time.ts';
import type { MessageWriter } from '../protocol/wire/message-writer.ts';
import type { CloseReason } from './close-reason.ts';
import type { Peer } from './peer.ts';
import type { PeerCandidate } from './peer-list.ts';

/** What a peer needs of its torrent. All methods run inside an input callback: they record, the turn decides. */
export interface PeerHost {
  readonly infoHash: Uint8Array;
  readonly pieceCount: number;
  /** The handshake is complete. False when the peer is not wanted; it was closed then. */
  onPeerReady(peer: Peer): void;
  onPeerClosed(peer: Peer, reason: CloseReason): void;
  /** The peer announced one more piece. */
  onPeerHas(peer: Peer, piece: PieceIndex): void;
  /** The peer announced all that it has at once; `peer.have` was empty before. */
  onPeerHasSet(peer: Peer): void;
  onPeerChoked(peer: Peer): void;
  /** A block's bytes came, useful or not. */
  onPayload(length: number, now: number): void;
  /** A slot for the block that begins now, held by the peer, or `NO_SLOT` to discard it. */
  blockTarget(peer: Peer, piece: PieceIndex, block: number, length: number): SlotId | typeof NO_SLOT;
  /** The block is in the slot, which the host takes over. */
  onPeerBlock(peer: Peer, piece: PieceIndex, block: number, length: number, slot: SlotId): void;
  /** The peer will not send the block (BEP 6). */
  onPeerRejected(peer: Peer, piece: PieceIndex, block: number): void;
  /** The peer asks for a block; the numbers are as they came. */
  onPeerRequest(peer: Peer, piece: number, begin: number, length: number): void;
  onPeerCancel(peer: Peer, piece: number, begin: number, length: number): void;
  /** `peer.peerInterested` is news. */
  onPeerInterest(peer: Peer): void;
  /** The connection took a block of `length` bytes. */
  onPeerSent(peer: Peer, length: number, now: number): void;
  /** The peer has something to do in the next turn. */
  onPeerDirty(peer: Peer): void;
}

/** Finds the torrent that an accepted connection asks for. */
export interface PeerRouter {
  /** Null when there is none, or when it takes no more peers; `reason` of the close is then the router's. */
  hostFor(
    infoHash: Uint8Array,
    peer: Peer,
  ): { readonly host: PeerHost; readonly candidate: PeerCandidate } | CloseReason;
  /** An accepted connection ended before it had a host. */
  onUnroutedClosed(peer: Peer): void;
}

/** What all peers of a session share. */
export interface PeerShared {
  readonly time: Pick<Time, 'now'>;
  readonly arena: Arena;
  readonly blockCopy: BlockCopy;
  /** Our peer id, 20 bytes. */
  readonly peerId: Uint8Array;
  /** For the header of the block that is being sent; used within one call. */
  readonly blockHead: MessageWriter;
}
