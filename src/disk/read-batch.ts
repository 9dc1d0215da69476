/**
 * Owns the reads of one batch of commands until the batch is over: neighbours among them, in whatever order
 * they came, become one vectored read into their slots. Peers ask for rows of blocks, so that a batch has few
 * runs.
 *
 * Invariants: each read has one completion, of its own: where a run as a whole cannot be read, each of its
 * blocks is tried alone. A read runs after every write of its batch, never after a fence behind it. Hot file:
 * nothing is allocated for a block but its place in arrays that are reused.
 */
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Failure } from '../ports/failure.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { MAX_RUN_BLOCKS } from './limits.ts';
import { missingBytes } from './missing-bytes.ts';
import type { Storage } from './storage.ts';
import type { WriteBack } from './write-back.ts';

const FIRST_READS = 256;
/** In the order: read already. */
const DONE = -1;

export class ReadBatch {
  readonly #slots: readonly Uint8Array[];
  readonly #writeBack: WriteBack;
  readonly #completions: CompletionBatch;
  readonly #storages: Storage[] = [];
  #pieces = new Int32Array(FIRST_READS);
  #begins = new Int32Array(FIRST_READS);
  #lengths = new Int32Array(FIRST_READS);
  #slotOf = new Int32Array(FIRST_READS);
  /** The reads by storage, piece and begin. */
  #order = new Int32Array(FIRST_READS);
  #count = 0;
  #isSorted = true;
  /** The reads of the run at hand, and their views. */
  readonly #run: number[] = [];
  readonly #views: Uint8Array[] = [];
  readonly #compare = (one: number, other: number): number =>
    this.#storages[one]!.id - this.#storages[other]!.id ||
    this.#pieces[one]! - this.#pieces[other]! ||
    this.#begins[one]! - this.#begins[other]!;

  constructor(slots: readonly Uint8Array[], writeBack: WriteBack, completions: CompletionBatch) {
    this.#slots = slots;
    this.#writeBack = writeBack;
    this.#completions = completions;
  }

  add(storage: Storage, piece: number, begin: number, length: number, slot: number): void {
    const read = this.#count;
    if (read === this.#pieces.length) this.#grow();
    this.#storages.push(storage);
    this.#pieces[read] = piece;
    this.#begins[read] = begin;
    this.#lengths[read] = length;
    this.#slotOf[read] = slot;
    this.#order[read] = read;
    this.#count++;
    if (this.#isSorted && read > 0) this.#isSorted = this.#compare(read - 1, read) <= 0;
  }

  /** Reads all, and completes each. */
  flush(): void {
    if (this.#count === 0) return;
    const order = this.#order;
    if (!this.#isSorted) order.subarray(0, this.#count).sort(this.#compare);
    for (let from = 0; from < this.#count; from++) {
      if (order[from] === DONE) continue;
      const length = this.#takeRun(from);
      this.#readRun(length);
      this.#completions.sendWhenLong();
    }
    this.#count = 0;
    this.#isSorted = true;
    this.#storages.length = 0;
  }

  /** Collects the run that starts at place `from` of the order; its length in bytes. */
  #takeRun(from: number): number {
    const order = this.#order;
    const first = order[from]!;
    const begin = this.#begins[first]!;
    let end = begin;
    this.#run.length = 0;
    this.#views.length = 0;
    for (let at = from; at < this.#count && this.#run.length < MAX_RUN_BLOCKS; at++) {
      const read = order[at]!;
      if (read === DONE) continue;
      if (this.#storages[read] !== this.#storages[first] || this.#pieces[read] !== this.#pieces[first]) break;
      const readBegin = this.#begins[read]!;
      if (readBegin > end) break;
      // Another peer asked for the same bytes: that read belongs to a later run.
      if (readBegin < end) continue;
      const length = this.#lengths[read]!;
      const view = this.#slots[this.#slotOf[read]!]!;
      this.#run.push(read);
      this.#views.push(length === BLOCK_LENGTH ? view : view.subarray(0, length));
      end += length;
      order[at] = DONE;
    }
    return end - begin;
  }

  #readRun(length: number): void {
    const run = this.#run;
    const first = run[0]!;
    const storage = this.#storages[first]!;
    const piece = this.#pieces[first]!;
    let failure = this.#writeBack.writePiece(storage, piece);
    if (failure === null) {
      failure = this.#read(storage, piece, this.#begins[first]!, this.#views, length);
      if (failure !== null && run.length > 1) {
        this.#readEach(storage, piece);
        return;
      }
    }
    for (let i = 0; i < run.length; i++) {
      this.#completions.read(storage.id, this.#slotOf[run[i]!]!, failure);
    }
  }

  /** Reads the blocks of the run one by one: some of them may be there. */
  #readEach(storage: Storage, piece: number): void {
    for (let i = 0; i < this.#run.length; i++) {
      const read = this.#run[i]!;
      const view = this.#views[i]!;
      const failure = this.#read(storage, piece, this.#begins[read]!, [view], view.length);
      this.#completions.read(storage.id, this.#slotOf[read]!, failure);
    }
  }

  #read(
    storage: Storage,
    piece: number,
    begin: number,
    views: readonly Uint8Array[],
    length: number,
  ): Failure | null {
    try {
      return storage.reader.readInto(piece, begin, views, length) ? null : missingBytes(storage, piece);
    } catch (error) {
      return failureOf(error);
    }
  }

  #grow(): void {
    const count = 2 * this.#pieces.length;
    this.#pieces = longer(this.#pieces, count);
    this.#begins = longer(this.#begins, count);
    this.#lengths = longer(this.#lengths, count);
    this.#slotOf = longer(this.#slotOf, count);
    this.#order = longer(this.#order, count);
  }
}

function longer(numbers: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const result = new Int32Array(length);
  result.set(numbers);
  return result;
}
