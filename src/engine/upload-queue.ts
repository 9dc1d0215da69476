/**
 * Owns one peer's requests to us: those that wait for the disk, how many slots the disk fills, and those that its
 * connection has borrowed.
 *
 * Invariants: at most `CAPACITY` requests wait; borrowed slots come back in the order in which they were lent.
 * Hot file: rings of typed arrays, nothing allocated per block.
 */
import { assert } from '../base/assert.ts';
import type { SlotId } from '../base/numbers.ts';

/** Requests of one peer that may wait; what clients send at once at most (250 to 500), a power of two. */
const CAPACITY = 1024;
const MASK = CAPACITY - 1;

export class UploadQueue {
  /** Slots that the disk fills and that are not yet with the connection. */
  readingCount = 0;
  readonly #pieces = new Int32Array(CAPACITY);
  readonly #begins = new Int32Array(CAPACITY);
  readonly #lengths = new Int32Array(CAPACITY);
  #head = 0;
  #length = 0;
  readonly #lentSlots = new Int32Array(CAPACITY);
  readonly #lentLengths = new Int32Array(CAPACITY);
  #lentHead = 0;
  #lentCount = 0;

  /** Requests that wait. */
  get length(): number {
    return this.#length;
  }

  get lentCount(): number {
    return this.#lentCount;
  }

  /** Slots that this peer keeps from others. */
  get heldSlots(): number {
    return this.readingCount + this.#lentCount;
  }

  get firstPiece(): number {
    return this.#pieces[this.#head]!;
  }

  get firstBegin(): number {
    return this.#begins[this.#head]!;
  }

  get firstLength(): number {
    return this.#lengths[this.#head]!;
  }

  /** False when the queue is full. */
  push(piece: number, begin: number, length: number): boolean {
    if (this.#length === CAPACITY) return false;
    const at = (this.#head + this.#length) & MASK;
    this.#pieces[at] = piece;
    this.#begins[at] = begin;
    this.#lengths[at] = length;
    this.#length++;
    return true;
  }

  /** Takes the first request out. */
  shift(): void {
    assert(this.#length > 0, 'no request waits');
    this.#head = (this.#head + 1) & MASK;
    this.#length--;
  }

  /** Takes out the request that was cancelled; false when it does not wait here. */
  cancel(piece: number, begin: number, length: number): boolean {
    for (let index = 0; index < this.#length; index++) {
      const at = (this.#head + index) & MASK;
      if (this.#pieces[at] !== piece || this.#begins[at] !== begin || this.#lengths[at] !== length) continue;
      for (let i = index; i < this.#length - 1; i++) this.#copy(i + 1, i);
      this.#length--;
      return true;
    }
    return false;
  }

  /** The connection borrows a slot with `length` bytes in it. */
  lend(slot: SlotId, length: number): void {
    assert(this.#lentCount < CAPACITY, 'too many slots lent');
    const at = (this.#lentHead + this.#lentCount) & MASK;
    this.#lentSlots[at] = slot;
    this.#lentLengths[at] = length;
    this.#lentCount++;
  }

  /** Bytes in the slot that comes back next. */
  get nextLentLength(): number {
    return this.#lentLengths[this.#lentHead]!;
  }

  /** The oldest slot lent comes back. */
  takeBack(): SlotId {
    assert(this.#lentCount > 0, 'no slot is lent');
    const slot = this.#lentSlots[this.#lentHead]! as SlotId;
    this.#lentHead = (this.#lentHead + 1) & MASK;
    this.#lentCount--;
    return slot;
  }

  #copy(from: number, to: number): void {
    const source = (this.#head + from) & MASK;
    const target = (this.#head + to) & MASK;
    this.#pieces[target] = this.#pieces[source]!;
    this.#begins[target] = this.#begins[source]!;
    this.#lengths[target] = this.#lengths[source]!;
  }
}
