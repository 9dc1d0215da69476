/**
 * Owns hashing: a piece's blocks are fed to its digest as they arrive in order, straight from their slots.
 * What arrived out of order and was written meanwhile is read back when the cursor gets there.
 *
 * A class of its own with nothing but pieces, slots and a reader in its hands, so that hashing can move to a
 * thread of its own without the rest noticing. Hot file: nothing is allocated for a block.
 */
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Crypto } from '../ports/crypto.ts';
import { FileSystemError } from '../ports/file-system.ts';
import type { Storage } from './storage.ts';
import { NOT_HELD, type TrackedPiece } from './tracked-piece.ts';

export class PieceHasher {
  readonly #crypto: Crypto;
  readonly #slots: readonly Uint8Array[];
  readonly #scratch: Uint8Array;

  /**
   * `slots` are the arena's views; `scratch`, a whole number of blocks, is lent for the length of each call.
   */
  constructor(crypto: Crypto, slots: readonly Uint8Array[], scratch: Uint8Array) {
    this.#crypto = crypto;
    this.#slots = slots;
    this.#scratch = scratch;
  }

  /** Hashes what is in reach of the cursor. */
  advance(tracked: TrackedPiece): void {
    while (tracked.cursor < tracked.blockCount) {
      if (tracked.slots[tracked.cursor] !== NOT_HELD) this.#hashSlot(tracked);
      else if (tracked.arrived[tracked.cursor] === 0 || !this.#tryReadBack(tracked)) return;
    }
  }

  /** A block before the cursor is not what it was: the piece is hashed from its start. */
  reset(tracked: TrackedPiece): void {
    tracked.cursor = 0;
    tracked.heldHashed = 0;
    tracked.digest = null;
  }

  /**
   * The digest of a piece of which everything is written; null when bytes are missing. The piece's cursor is
   * spent. Throws `FileSystemError` when reading back fails.
   */
  finish(tracked: TrackedPiece): Uint8Array | null {
    while (tracked.cursor < tracked.blockCount) {
      if (!this.#readBack(tracked, tracked.blockCount)) return null;
    }
    const digest = tracked.digest!.digest();
    tracked.digest = null;
    return digest;
  }

  /** The digest of `piece` as stored; null when bytes are missing. Throws `FileSystemError`. */
  digestOf(storage: Storage, piece: number): Uint8Array | null {
    const digest = this.#crypto.createSha1();
    const length = storage.layout.lengthOfPiece(piece);
    for (let begin = 0; begin < length; begin += this.#scratch.length) {
      const target = this.#target(length - begin);
      if (!storage.reader.read(piece, begin, target)) return null;
      digest.update(target);
    }
    return digest.digest();
  }

  /**
   * The digests of the blocks of `piece` as stored, 20 bytes each; null when bytes are missing. Throws
   * likewise.
   */
  blockDigestsOf(storage: Storage, piece: number): Uint8Array | null {
    const blockCount = storage.layout.blockCount(piece);
    const digests = new Uint8Array(20 * blockCount);
    for (let block = 0; block < blockCount; block++) {
      const target = this.#target(storage.layout.lengthOfBlock(piece, block));
      if (!storage.reader.read(piece, block * BLOCK_LENGTH, target)) return null;
      digests.set(this.#crypto.sha1(target), 20 * block);
    }
    return digests;
  }

  #hashSlot(tracked: TrackedPiece): void {
    tracked.digest ??= this.#crypto.createSha1();
    const view = this.#slots[tracked.slots[tracked.cursor]!]!;
    const length = tracked.storage.layout.lengthOfBlock(tracked.piece, tracked.cursor);
    tracked.digest.update(length === BLOCK_LENGTH ? view : view.subarray(0, length));
    tracked.cursor++;
    tracked.heldHashed++;
  }

  #tryReadBack(tracked: TrackedPiece): boolean {
    if (tracked.readBackFailed) return false;
    let end = tracked.cursor + 1;
    while (end < tracked.blockCount && tracked.arrived[end] === 1 && tracked.slots[end] === NOT_HELD) end++;
    try {
      tracked.readBackFailed = !this.#readBack(tracked, end);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tracked.readBackFailed = true;
    }
    return !tracked.readBackFailed;
  }

  /**
   * Hashes stored blocks from the cursor to `end` at most, as much as the scratch takes; false when missing.
   */
  #readBack(tracked: TrackedPiece, end: number): boolean {
    const { storage, piece, cursor } = tracked;
    const begin = cursor * BLOCK_LENGTH;
    const endBegin = Math.min(end * BLOCK_LENGTH, storage.layout.lengthOfPiece(piece));
    const target = this.#target(endBegin - begin);
    if (!storage.reader.read(piece, begin, target)) return false;
    tracked.digest ??= this.#crypto.createSha1();
    tracked.digest.update(target);
    tracked.cursor += Math.ceil(target.length / BLOCK_LENGTH);
    return true;
  }

  #target(length: number): Uint8Array {
    return length >= this.#scratch.length ? this.#scratch : this.#scratch.subarray(0, length);
  }
}
