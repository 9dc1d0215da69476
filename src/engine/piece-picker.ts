/**
 * Owns one decision: which block to ask of which peer next.
 *
 * Order for a peer: (1) the piece that it fetches already; (2) started pieces that nobody works on; then a fast peer,
 * one that can fetch a whole piece within `WHOLE_PIECE_MS`, (3) starts the rarest piece that it has as its own, so
 * that blocks arrive in order and blame is exact, while a slow peer first (4) joins pieces shared by slow peers, so that
 * few pieces stay partial; (5) whatever is left: joins any started piece; (6) endgame: when no block is open anywhere,
 * blocks that others have owed for a while. The first pieces are random instead of rarest, to have something to
 * share soon. A suspect piece (its hash failed before) is fetched by one peer at a time.
 *
 * It reads the world through {@link PickerPeer} and changes only the owners of partial pieces and the set of
 * startable pieces.
 */
import type { BitSet } from '../base/bit-set.ts';
import type { PieceIndex } from '../base/numbers.ts';
import type { Random } from '../base/random.ts';
import type { Availability } from './availability.ts';
import {
  ENDGAME_DUPLICATES_MAX,
  ENDGAME_IDLE_PATIENCE_MS,
  ENDGAME_PATIENCE_MS,
  WHOLE_PIECE_MS,
} from './limits.ts';
import { BLOCK_REQUESTED, type PartialPiece, type PieceStates } from './piece-states.ts';

/** Fetch this many pieces at random before rarest first begins. */
const RANDOM_FIRST_PIECES = 4;

/** What the picker must know of a peer. */
export interface PickerPeer {
  /** Unique among the connections of the session, above zero. */
  readonly connectionId: number;
  readonly have: BitSet;
  /** Payload rate in bytes a second. */
  readonly downloadRate: number;
  readonly isSnubbed: boolean;
  /** It owes us nothing. */
  readonly isIdle: boolean;
  /** The partial piece that it took a block of last, if any; kept by the picker. */
  currentPiece: PartialPiece | null;
  /** `Availability.version` at which a search for a piece to start failed; kept by the picker. */
  exhaustedAt: number;
  readonly peerChoking: boolean;
  /** Pieces that it lets us have while it chokes us (BEP 6); few. */
  readonly allowedFast: readonly PieceIndex[];
  /** True when the peer itself owes the block already. */
  owes(piece: PieceIndex, block: number): boolean;
}

/** A block, filled in by the picker so that a pick allocates nothing. */
export interface BlockChoice {
  partial: PartialPiece | null;
  block: number;
}

export class PiecePicker {
  readonly #states: PieceStates;
  readonly #availability: Availability;
  readonly #random: Random;

  constructor(states: PieceStates, availability: Availability, random: Random) {
    this.#states = states;
    this.#availability = availability;
    this.#random = random;
    for (let p = states.wanted.nextSet(0); p >= 0; p = states.wanted.nextSet(p + 1)) {
      if (states.needs(p as PieceIndex)) availability.insert(p as PieceIndex);
    }
  }

  /** True when every block of every needed piece is received or requested. */
  get isEndgame(): boolean {
    return this.#availability.startableCount === 0 && this.#states.openBlocks === 0;
  }

  /**
   * The partial piece with an open block that `peer` should be asked for next, started if need be, or null. The block is
   * the piece's `nextOpen()`; the caller requests it before it asks again.
   */
  pickOpen(peer: PickerPeer): PartialPiece | null {
    const current = peer.currentPiece;
    if (current !== null && current.place >= 0 && this.#mayJoin(current, peer)) return current;
    const isFast = this.#isFast(peer);
    const picked =
      this.#orphan(peer) ??
      (isFast ? this.#startPiece(peer) : this.#shared(peer)) ??
      (isFast ? this.#shared(peer) : this.#startPiece(peer)) ??
      this.#anyOpen(peer);
    peer.currentPiece = picked;
    if (picked !== null && (picked.isSuspect || (isFast && this.#isUntouched(picked)))) {
      picked.owner = peer.connectionId;
    }
    return picked;
  }

  /**
   * In the endgame: fills `choice` with a block that others have owed for a while and `peer` does not owe, one owed by
   * the fewest; false when there is none worth asking twice.
   */
  pickDuplicate(peer: PickerPeer, now: number, choice: BlockChoice): boolean {
    if (!this.isEndgame || peer.isSnubbed) return false;
    const patienceMs = peer.isIdle ? ENDGAME_IDLE_PATIENCE_MS : ENDGAME_PATIENCE_MS;
    let fewest = ENDGAME_DUPLICATES_MAX + 1;
    for (const partial of this.#states.partials) {
      if (partial.requestedCount === 0 || !this.#mayHave(partial, peer)) continue;
      for (let block = 0; block < partial.blockCount; block++) {
        const requesters = partial.requesters[block]!;
        if (partial.blocks[block] !== BLOCK_REQUESTED || requesters >= fewest) continue;
        if (now - partial.requestedAt[block]! < patienceMs * requesters) continue;
        if (peer.owes(partial.piece, block)) continue;
        fewest = requesters;
        choice.partial = partial;
        choice.block = block;
        if (fewest === 1) return true;
      }
    }
    return fewest <= ENDGAME_DUPLICATES_MAX;
  }

  /** A piece went back to missing. */
  onMissing(piece: PieceIndex): void {
    if (this.#states.wanted.has(piece)) this.#availability.insert(piece);
  }

  /** `connectionId` no longer works on its pieces: they are free for all. */
  disown(connectionId: number): void {
    for (const partial of this.#states.partials) {
      if (partial.owner === connectionId) partial.owner = 0;
    }
  }

  #isFast(peer: PickerPeer): boolean {
    return peer.downloadRate * WHOLE_PIECE_MS >= this.#states.layout.pieceLength * 1000;
  }

  #isUntouched(partial: PartialPiece): boolean {
    return partial.owner === 0 && partial.requestedCount === 0;
  }

  #mayJoin(partial: PartialPiece, peer: PickerPeer): boolean {
    return (
      partial.openCount > 0 &&
      (partial.owner === 0 || partial.owner === peer.connectionId) &&
      !(partial.isSuspect && partial.owner !== peer.connectionId && partial.requestedCount > 0) &&
      this.#mayHave(partial, peer)
    );
  }

  /** The peer has the piece and would send it now. */
  #mayHave(partial: PartialPiece, peer: PickerPeer): boolean {
    if (!peer.have.has(partial.piece)) return false;
    return !peer.peerChoking || peer.allowedFast.includes(partial.piece);
  }

  /** A started piece of which nobody owes a block: left behind by a peer that went or was snubbed. */
  #orphan(peer: PickerPeer): PartialPiece | null {
    for (const partial of this.#states.partials) {
      if (partial.requestedCount === 0 && this.#mayJoin(partial, peer)) return partial;
    }
    return null;
  }

  /** The shared piece with the fewest open blocks. */
  #shared(peer: PickerPeer): PartialPiece | null {
    let best: PartialPiece | null = null;
    for (const partial of this.#states.partials) {
      if (partial.owner !== 0 || !this.#mayJoin(partial, peer)) continue;
      if (best === null || partial.openCount < best.openCount) best = partial;
    }
    return best;
  }

  /** Any piece with open blocks, those of others included, but not a suspect one: the one with the most left. */
  #anyOpen(peer: PickerPeer): PartialPiece | null {
    let best: PartialPiece | null = null;
    for (const partial of this.#states.partials) {
      if (partial.openCount === 0 || (partial.isSuspect && partial.owner !== peer.connectionId)) continue;
      if (!this.#mayHave(partial, peer)) continue;
      if (best === null || partial.openCount > best.openCount) best = partial;
    }
    return best;
  }

  #startPiece(peer: PickerPeer): PartialPiece | null {
    const piece = peer.peerChoking ? this.#chooseAllowedFast(peer) : this.#choose(peer);
    if (piece < 0) return null;
    this.#availability.remove(piece as PieceIndex);
    return this.#states.start(piece as PieceIndex);
  }

  #choose(peer: PickerPeer): PieceIndex | -1 {
    if (peer.exhaustedAt === this.#availability.version) return -1;
    const isFirst = this.#states.verified.count < RANDOM_FIRST_PIECES;
    const piece = isFirst
      ? this.#availability.anyOf(peer.have, this.#random)
      : this.#availability.rarest(peer.have, this.#random);
    if (piece < 0) peer.exhaustedAt = this.#availability.version;
    return piece;
  }

  #chooseAllowedFast(peer: PickerPeer): PieceIndex | -1 {
    for (const piece of peer.allowedFast) {
      if (peer.have.has(piece) && this.#availability.isStartable(piece)) return piece;
    }
    return -1;
  }
}
