/**
 * Owns the state of one piece while its blocks arrive: which slot holds which block, and how far it is
 * hashed.
 *
 * Invariants: `held` is the number of blocks with a slot; `heldHashed` the number of those before the cursor;
 * a block before the cursor was fed to the digest in order, and is still what it was then. The fields are
 * written by `WriteBack` and `PieceHasher` only. Hot file: one object a piece, nothing a block.
 */
import type { IncrementalDigest } from '../ports/crypto.ts';
import type { Storage } from './storage.ts';

/** The block is not in a slot. */
export const NOT_HELD = -1;

export class TrackedPiece {
  readonly storage: Storage;
  readonly piece: number;
  readonly blockCount: number;
  /** Slot of each block that is not written yet, or {@link NOT_HELD}. */
  readonly slots: Int32Array;
  /** 1 for each block that arrived, held or written. */
  readonly arrived: Uint8Array;
  arrivedCount = 0;
  held = 0;
  heldHashed = 0;
  /** The next block to hash. */
  cursor = 0;
  digest: IncrementalDigest | null = null;
  /**
   * Reading a written block back failed: only a `hash` tries again, because only it can report the failure.
   */
  readBackFailed = false;
  /** Neighbours in the list of pieces that hold blocks. */
  previous: TrackedPiece | null = null;
  next: TrackedPiece | null = null;

  constructor(storage: Storage, piece: number) {
    this.storage = storage;
    this.piece = piece;
    this.blockCount = storage.layout.blockCount(piece);
    this.slots = new Int32Array(this.blockCount).fill(NOT_HELD);
    this.arrived = new Uint8Array(this.blockCount);
  }
}
