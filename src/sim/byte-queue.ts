/**
 * Owns bytes that wait in order: written in pieces of any size, taken in pieces of any size. Writing copies, so that the
 * writer may reuse its array; taking lends where it can and joins where it must.
 */
import { assert } from '../base/assert.ts';

/** Emptied places at the front are removed when there are this many, so that taking costs the same however long the queue. */
const COMPACT_AT = 64;

export class ByteQueue {
  #parts: Uint8Array[] = [];
  #first = 0;
  /** Bytes taken of the first part. */
  #taken = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes.slice());
    this.#length += bytes.length;
  }

  /** The next `count` bytes; there are that many. */
  take(count: number): Uint8Array {
    assert(count >= 0 && count <= this.#length, `${count} of ${this.#length} bytes`);
    const first = this.#parts[this.#first];
    if (first !== undefined && first.length - this.#taken > count) {
      this.#taken += count;
      this.#length -= count;
      return first.subarray(this.#taken - count, this.#taken);
    }
    const joined = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const part = this.#parts[this.#first]!;
      const share = Math.min(part.length - this.#taken, count - filled);
      joined.set(part.subarray(this.#taken, this.#taken + share), filled);
      filled += share;
      this.#taken += share;
      if (this.#taken === part.length) this.#dropFirst();
    }
    this.#length -= count;
    return joined;
  }

  clear(): void {
    this.#parts = [];
    this.#first = 0;
    this.#taken = 0;
    this.#length = 0;
  }

  #dropFirst(): void {
    this.#first++;
    this.#taken = 0;
    if (this.#first >= COMPACT_AT) {
      this.#parts.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
