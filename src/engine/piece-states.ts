/**
 * Owns the state of every piece and block of one torrent: the one place where a block or a piece changes state.
 *
 * A piece is in exactly one state: missing → partial → hashing → verified; a failed hash leads back to missing.
 * A block of a partial piece is in exactly one state: open (nobody owes it) → requested (one or more peers owe it) →
 * received (its bytes are with the disk). Invariants: a partial piece has at least one block that is not open, and at
 * least one that is not received; `openCount + requestedCount + receivedCount` is its number of blocks; `requesters[b]`
 * is above zero exactly when `b` is requested, or received while others still owe it.
 *
 * It does not choose what to fetch (`piece-picker.ts`) and does not know peers, only the numbers of contributors.
 * Hot file: state per block in typed arrays, allocated once a piece.
 */
import { assert } from '../base/assert.ts';
import type { BitSet } from '../base/bit-set.ts';
import type { PieceIndex } from '../base/numbers.ts';
import type { FileLayout } from '../protocol/metainfo/file-layout.ts';

export const PIECE_MISSING = 0;
export const PIECE_PARTIAL = 1;
export const PIECE_HASHING = 2;
export const PIECE_VERIFIED = 3;

export const BLOCK_OPEN = 0;
export const BLOCK_REQUESTED = 1;
export const BLOCK_RECEIVED = 2;

/** Contributor of a block that came from nobody: padding. */
export const NO_CONTRIBUTOR = -1;
/** Contributor of a block that came in an earlier session: nobody can be blamed for it, but somebody may have lied. */
export const FORGOTTEN_CONTRIBUTOR = -2;

/** A piece that is being fetched. Fields change only in {@link PieceStates}, except `owner`. */
export class PartialPiece {
  readonly piece: PieceIndex;
  readonly blockCount: number;
  readonly blocks: Uint8Array;
  /** How many peers owe the block. */
  readonly requesters: Uint8Array;
  /** When the block was first asked for, of those who owe it now. */
  readonly requestedAt: Float64Array;
  /** Who sent the received block: a candidate's number. */
  readonly contributors: Int32Array;
  openCount: number;
  receivedCount = 0;
  /** No block before this one is open. */
  firstOpen = 0;
  /** The one peer that fetches this piece alone, by connection number; 0 when it is shared. Set by the picker. */
  owner = 0;
  /** Place in the list of partial pieces. */
  place = -1;
  /** The piece failed before: one peer at a time fetches it, so that blame is certain. */
  readonly isSuspect: boolean;

  constructor(piece: PieceIndex, blockCount: number, isSuspect: boolean) {
    this.piece = piece;
    this.blockCount = blockCount;
    this.blocks = new Uint8Array(blockCount);
    this.requesters = new Uint8Array(blockCount);
    this.requestedAt = new Float64Array(blockCount);
    this.contributors = new Int32Array(blockCount).fill(NO_CONTRIBUTOR);
    this.openCount = blockCount;
    this.isSuspect = isSuspect;
  }

  get requestedCount(): number {
    return this.blockCount - this.openCount - this.receivedCount;
  }

  /** The first open block, or -1. */
  nextOpen(): number {
    if (this.openCount === 0) return -1;
    while (this.blocks[this.firstOpen] !== BLOCK_OPEN) this.firstOpen++;
    return this.firstOpen;
  }
}

export class PieceStates {
  readonly layout: FileLayout;
  /** Hash correct and written. */
  readonly verified: BitSet;
  /** Pieces with a byte of a wanted file. */
  readonly wanted: BitSet;
  /** Partial pieces in no particular order. */
  readonly partials: PartialPiece[] = [];
  readonly #states: Uint8Array;
  readonly #byPiece = new Map<PieceIndex, PartialPiece>();
  readonly #suspects = new Set<PieceIndex>();
  #missingWanted = 0;
  #startedWanted = 0;
  #openBlocks = 0;

  /** `verified` and `wanted` become this object's own. */
  constructor(layout: FileLayout, verified: BitSet, wanted: BitSet) {
    assert(verified.length === layout.pieceCount && wanted.length === layout.pieceCount, 'piece bits');
    this.layout = layout;
    this.verified = verified;
    this.wanted = wanted;
    this.#states = new Uint8Array(layout.pieceCount);
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (verified.has(piece)) this.#states[piece] = PIECE_VERIFIED;
      else if (wanted.has(piece)) this.#missingWanted++;
    }
  }

  stateOf(piece: PieceIndex): number {
    return this.#states[piece]!;
  }

  partialOf(piece: PieceIndex): PartialPiece | undefined {
    return this.#byPiece.get(piece);
  }

  /** True when the piece is one to fetch: wanted and not verified. */
  needs(piece: PieceIndex): boolean {
    return this.wanted.has(piece) && this.#states[piece] !== PIECE_VERIFIED;
  }

  /** Wanted pieces that are not verified. */
  get neededPieces(): number {
    return this.#missingWanted + this.#startedWanted;
  }

  /** Wanted pieces that nobody has started. */
  get missingWantedPieces(): number {
    return this.#missingWanted;
  }

  /** Open blocks of all partial pieces. */
  get openBlocks(): number {
    return this.#openBlocks;
  }

  isSuspect(piece: PieceIndex): boolean {
    return this.#suspects.has(piece);
  }

  /** missing → partial, all blocks open. The caller changes a block at once. */
  start(piece: PieceIndex): PartialPiece {
    assert(this.#states[piece] === PIECE_MISSING, `piece ${piece} started in state ${this.#states[piece]}`);
    const partial = new PartialPiece(piece, this.layout.blockCount(piece), this.#suspects.has(piece));
    this.#states[piece] = PIECE_PARTIAL;
    partial.place = this.partials.length;
    this.partials.push(partial);
    this.#byPiece.set(piece, partial);
    this.#openBlocks += partial.blockCount;
    if (this.wanted.has(piece)) {
      this.#missingWanted--;
      this.#startedWanted++;
    }
    return partial;
  }

  /** A peer was asked for the block: open → requested, or one more requester. */
  request(partial: PartialPiece, block: number, now: number): void {
    const state = partial.blocks[block];
    assert(state !== BLOCK_RECEIVED, 'a received block is not requested');
    if (state === BLOCK_OPEN) {
      partial.blocks[block] = BLOCK_REQUESTED;
      partial.requestedAt[block] = now;
      partial.openCount--;
      this.#openBlocks--;
    }
    partial.requesters[block]!++;
  }

  /**
   * A peer no longer owes the block. A requested block that nobody owes is open again; a piece with nothing received
   * and nothing requested is missing again. True when the piece went back to missing.
   */
  unrequest(partial: PartialPiece, block: number): boolean {
    assert(partial.requesters[block]! > 0, 'a block that nobody owes');
    partial.requesters[block]!--;
    if (partial.requesters[block]! > 0 || partial.blocks[block] !== BLOCK_REQUESTED) return false;
    partial.blocks[block] = BLOCK_OPEN;
    partial.openCount++;
    this.#openBlocks++;
    if (block < partial.firstOpen) partial.firstOpen = block;
    if (partial.openCount < partial.blockCount) return false;
    this.#drop(partial, PIECE_MISSING);
    return true;
  }

  /** The block's bytes are with the disk. True when it was the last one of the piece. */
  receive(partial: PartialPiece, block: number, contributor: number): boolean {
    assert(partial.blocks[block] !== BLOCK_RECEIVED, 'a block is received once');
    if (partial.blocks[block] === BLOCK_OPEN) {
      partial.openCount--;
      this.#openBlocks--;
    }
    partial.blocks[block] = BLOCK_RECEIVED;
    partial.contributors[block] = contributor;
    partial.receivedCount++;
    return partial.receivedCount === partial.blockCount;
  }

  /** partial → hashing. The partial piece is out of the list; its contributors stay readable. */
  beginHash(partial: PartialPiece): void {
    assert(partial.receivedCount === partial.blockCount, 'a piece is hashed when it is whole');
    this.#drop(partial, PIECE_HASHING);
  }

  /** hashing → verified. */
  verify(piece: PieceIndex): void {
    assert(this.#states[piece] === PIECE_HASHING, `piece ${piece} verified in state ${this.#states[piece]}`);
    this.#states[piece] = PIECE_VERIFIED;
    this.verified.add(piece);
    this.#suspects.delete(piece);
    if (this.wanted.has(piece)) this.#startedWanted--;
  }

  /** hashing → missing; from now on it is suspect. */
  fail(piece: PieceIndex): void {
    assert(this.#states[piece] === PIECE_HASHING, `piece ${piece} failed in state ${this.#states[piece]}`);
    this.#states[piece] = PIECE_MISSING;
    this.#suspects.add(piece);
    this.#becameMissing(piece);
  }

  #drop(partial: PartialPiece, state: number): void {
    const last = this.partials.pop()!;
    if (last !== partial) {
      this.partials[partial.place] = last;
      last.place = partial.place;
    }
    partial.place = -1;
    this.#byPiece.delete(partial.piece);
    this.#openBlocks -= partial.openCount;
    this.#states[partial.piece] = state;
    if (state === PIECE_MISSING) this.#becameMissing(partial.piece);
  }

  #becameMissing(piece: PieceIndex): void {
    if (!this.wanted.has(piece)) return;
    this.#missingWanted++;
    this.#startedWanted--;
  }

  /** Throws unless the invariants hold. For tests and the simulator: it walks everything. */
  checkInvariants(): void {
    let open = 0;
    for (const partial of this.partials) {
      assert(this.#states[partial.piece] === PIECE_PARTIAL, 'a listed piece is partial');
      assert(partial.openCount < partial.blockCount, 'a partial piece has begun');
      assert(partial.receivedCount < partial.blockCount, 'a partial piece is not whole');
      const counts = [0, 0, 0];
      for (let block = 0; block < partial.blockCount; block++) {
        const state = partial.blocks[block]!;
        counts[state]!++;
        if (state === BLOCK_OPEN) assert(partial.requesters[block] === 0, 'nobody owes an open block');
        if (state === BLOCK_REQUESTED) assert(partial.requesters[block]! > 0, 'somebody owes it');
      }
      assert(counts[BLOCK_OPEN] === partial.openCount, 'count of open blocks');
      assert(counts[BLOCK_RECEIVED] === partial.receivedCount, 'count of received blocks');
      open += partial.openCount;
    }
    assert(open === this.#openBlocks, 'open blocks of all pieces');
    assert(this.#byPiece.size === this.partials.length, 'the list and the table agree');
  }
}
