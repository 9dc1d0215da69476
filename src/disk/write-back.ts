/**
 * Owns when blocks go from their slots to the files. Neighbours are held back until there is a run worth a
 * call; what is held is bounded over all storages, and the piece that has held blocks longest goes first.
 *
 * Invariants: a slot is held by at most one block; a slot leaves with exactly one completion, after its bytes
 * are written and, where the hash cursor could reach them, hashed; the list has exactly the pieces with `held
 * > 0`. A failed write puts the storage in error and gives every slot of it back with that failure. Hot file:
 * nothing is allocated for a block.
 */
import type { BitSet } from '../base/bit-set.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Failure } from '../ports/failure.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { MAX_RUN_BLOCKS, MAX_TRACKED_PIECES, RUN_BLOCKS } from './limits.ts';
import type { PieceHasher } from './piece-hasher.ts';
import type { Storage } from './storage.ts';
import { NOT_HELD, TrackedPiece } from './tracked-piece.ts';

export class WriteBack {
  readonly #slots: readonly Uint8Array[];
  readonly #hasher: PieceHasher;
  readonly #completions: CompletionBatch;
  readonly #maxHeld: number;
  readonly #run: Uint8Array[] = [];
  #held = 0;
  #trackedCount = 0;
  #oldest: TrackedPiece | null = null;
  #newest: TrackedPiece | null = null;
  /** The piece of the last block: blocks of a piece come in rows. */
  #last: TrackedPiece | null = null;

  /** At most `maxHeld` blocks stay in their slots after a call. */
  constructor(
    slots: readonly Uint8Array[],
    hasher: PieceHasher,
    completions: CompletionBatch,
    maxHeld: number,
  ) {
    this.#slots = slots;
    this.#hasher = hasher;
    this.#completions = completions;
    this.#maxHeld = maxHeld;
  }

  /** Blocks in slots, over all storages. */
  get held(): number {
    return this.#held;
  }

  /** Takes a block that arrived. */
  add(storage: Storage, piece: number, block: number, slot: number): void {
    if (this.#trackedCount >= MAX_TRACKED_PIECES) this.#forgetOldest(storage, piece);
    if (storage.failure !== null) {
      this.#completions.written(storage.id, slot, storage.failure);
      return;
    }
    const tracked = this.#track(storage, piece);
    const previousSlot = tracked.slots[block]!;
    if (block < tracked.cursor) this.#hasher.reset(tracked);
    if (previousSlot !== NOT_HELD) {
      this.#completions.written(storage.id, previousSlot, null);
    } else {
      if (tracked.held === 0) this.#append(tracked);
      tracked.held++;
      this.#held++;
    }
    tracked.slots[block] = slot;
    if (tracked.arrived[block] === 0) {
      tracked.arrived[block] = 1;
      tracked.arrivedCount++;
    }
    this.#hasher.advance(tracked);
    if (tracked.arrivedCount === tracked.blockCount) this.flush(tracked);
    else if (tracked.heldHashed >= RUN_BLOCKS) this.#writeBlocks(tracked, tracked.cursor);
    while (this.#held > this.#maxHeld) this.flush(this.#oldest!);
  }

  /** Writes every held block of the piece. A failure is in the storage afterwards. */
  flush(tracked: TrackedPiece): void {
    if (tracked.held > 0) this.#writeBlocks(tracked, tracked.blockCount);
  }

  flushStorage(storage: Storage): void {
    for (const tracked of storage.tracked.values()) this.flush(tracked);
  }

  flushAll(): void {
    while (this.#oldest !== null) this.flush(this.#oldest);
  }

  /** Writes what is held of `piece`. A storage in error has only its verified pieces to offer. */
  writePiece(storage: Storage, piece: number): Failure | null {
    const tracked = storage.tracked.get(piece);
    if (tracked !== undefined) this.flush(tracked);
    return storage.failure !== null && !storage.verified.has(piece) ? storage.failure : null;
  }

  /** Tracks a piece of which `blocks`, one bit each, were written earlier; false when too many are tracked. */
  restore(storage: Storage, piece: number, blocks: BitSet): boolean {
    if (this.#trackedCount >= MAX_TRACKED_PIECES) return false;
    const tracked = this.#track(storage, piece);
    for (let block = blocks.nextSet(0); block >= 0; block = blocks.nextSet(block + 1))
      tracked.arrived[block] = 1;
    tracked.arrivedCount = blocks.count;
    return true;
  }

  /** Puts the storage in error, and gives back every slot of it with that failure. */
  fail(storage: Storage, failure: Failure): void {
    storage.failure = failure;
    for (const tracked of storage.tracked.values()) {
      for (let block = 0; tracked.held > 0; block++) {
        if (tracked.slots[block] === NOT_HELD) continue;
        this.#release(tracked, block, failure);
        if (tracked.held === 0) this.#unlink(tracked);
      }
    }
    this.forgetAll(storage);
  }

  /** Forgets a piece of which nothing is held. */
  forget(tracked: TrackedPiece): void {
    if (!tracked.storage.tracked.delete(tracked.piece)) return;
    this.#trackedCount--;
    if (this.#last === tracked) this.#last = null;
  }

  /** Forgets all pieces of a storage, of which nothing is held. */
  forgetAll(storage: Storage): void {
    for (const tracked of storage.tracked.values()) this.forget(tracked);
  }

  #track(storage: Storage, piece: number): TrackedPiece {
    const last = this.#last;
    if (last !== null && last.piece === piece && last.storage === storage) return last;
    let tracked = storage.tracked.get(piece);
    if (tracked === undefined) {
      tracked = new TrackedPiece(storage, piece);
      storage.tracked.set(piece, tracked);
      this.#trackedCount++;
    }
    this.#last = tracked;
    return tracked;
  }

  /**
   * A storage with nothing tracked may go over the limit by one piece: there is a bounded number of storages.
   */
  #forgetOldest(storage: Storage, except: number): void {
    if (storage.tracked.has(except)) return;
    for (const tracked of storage.tracked.values()) {
      this.flush(tracked);
      this.forget(tracked);
      return;
    }
  }

  /** Writes the held blocks before block `end`, run by run. */
  #writeBlocks(tracked: TrackedPiece, end: number): void {
    const slots = tracked.slots;
    for (let block = 0; block < end; block++) {
      if (slots[block] === NOT_HELD) continue;
      let runEnd = block + 1;
      const limit = Math.min(end, block + MAX_RUN_BLOCKS);
      while (runEnd < limit && slots[runEnd] !== NOT_HELD) runEnd++;
      if (!this.#writeRun(tracked, block, runEnd)) return;
      block = runEnd - 1;
    }
    if (tracked.held === 0) this.#unlink(tracked);
  }

  #writeRun(tracked: TrackedPiece, from: number, end: number): boolean {
    const { storage, piece, slots } = tracked;
    const run = this.#run;
    run.length = 0;
    let length = 0;
    for (let block = from; block < end; block++) {
      const view = this.#slots[slots[block]!]!;
      const blockLength = storage.layout.lengthOfBlock(piece, block);
      run.push(blockLength === BLOCK_LENGTH ? view : view.subarray(0, blockLength));
      length += blockLength;
    }
    try {
      storage.writer.write(piece, from * BLOCK_LENGTH, run, length);
    } catch (error) {
      this.fail(storage, failureOf(error));
      return false;
    }
    for (let block = from; block < end; block++) this.#release(tracked, block, null);
    this.#completions.sendWhenLong();
    return true;
  }

  #release(tracked: TrackedPiece, block: number, failure: Failure | null): void {
    this.#completions.written(tracked.storage.id, tracked.slots[block]!, failure);
    tracked.slots[block] = NOT_HELD;
    tracked.held--;
    if (block < tracked.cursor) tracked.heldHashed--;
    this.#held--;
  }

  #append(tracked: TrackedPiece): void {
    tracked.previous = this.#newest;
    tracked.next = null;
    if (this.#newest === null) this.#oldest = tracked;
    else this.#newest.next = tracked;
    this.#newest = tracked;
  }

  #unlink(tracked: TrackedPiece): void {
    if (tracked.previous === null) this.#oldest = tracked.next;
    else tracked.previous.next = tracked.next;
    if (tracked.next === null) this.#newest = tracked.previous;
    else tracked.next.previous = tracked.previous;
    tracked.previous = null;
    tracked.next = null;
  }
}
