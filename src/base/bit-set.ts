/**
 * Owns a fixed-length set of bits in wire order: bit 0 is the high bit of byte 0 (BEP 3, "bitfield").
 *
 * Invariants: spare bits of the last byte are zero; `count` is the number of set bits. Hot file: no closures.
 */
import { assert } from './assert.ts';

export class BitSet {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    assert(Number.isInteger(length) && length >= 0, `bit set of length ${length}`);
    this.length = length;
    this.bytes = new Uint8Array((length + 7) >>> 3);
  }

  /** A set of `length` bits from its wire form, or null when the size or a spare bit is wrong (BEP 3). */
  static fromBytes(bytes: Uint8Array, length: number): BitSet | null {
    if (bytes.length !== (length + 7) >>> 3) return null;
    const set = new BitSet(length);
    set.bytes.set(bytes);
    const spare = (8 - (length & 7)) & 7;
    if (spare > 0 && (set.bytes[bytes.length - 1]! & ((1 << spare) - 1)) !== 0) return null;
    set.#count = countOnes(set.bytes);
    return set;
  }

  /** How many bits are set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  has(index: number): boolean {
    return (this.bytes[index >>> 3]! & (0x80 >>> (index & 7))) !== 0;
  }

  /** Sets the bit; true when it was clear before. */
  add(index: number): boolean {
    assert(index >= 0 && index < this.length, `bit ${index} of ${this.length}`);
    const mask = 0x80 >>> (index & 7);
    const byte = this.bytes[index >>> 3]!;
    if ((byte & mask) !== 0) return false;
    this.bytes[index >>> 3] = byte | mask;
    this.#count++;
    return true;
  }

  /** Clears the bit; true when it was set before. */
  delete(index: number): boolean {
    assert(index >= 0 && index < this.length, `bit ${index} of ${this.length}`);
    const mask = 0x80 >>> (index & 7);
    const byte = this.bytes[index >>> 3]!;
    if ((byte & mask) === 0) return false;
    this.bytes[index >>> 3] = byte & ~mask;
    this.#count--;
    return true;
  }

  fill(): void {
    this.bytes.fill(0xff);
    const spare = (8 - (this.length & 7)) & 7;
    if (spare > 0) this.bytes[this.bytes.length - 1] = (0xff << spare) & 0xff;
    this.#count = this.length;
  }

  clear(): void {
    this.bytes.fill(0);
    this.#count = 0;
  }

  /** The first clear bit at or after `from`, or -1. */
  nextClear(from: number): number {
    for (let index = from; index < this.length; ) {
      if ((index & 7) === 0 && this.bytes[index >>> 3] === 0xff) index += 8;
      else if (this.has(index)) index++;
      else return index;
    }
    return -1;
  }

  /** The first set bit at or after `from`, or -1. */
  nextSet(from: number): number {
    for (let index = from; index < this.length; ) {
      if ((index & 7) === 0 && this.bytes[index >>> 3] === 0) index += 8;
      else if (!this.has(index)) index++;
      else return index;
    }
    return -1;
  }

  /** True when every bit of this set is also in `other`, which has the same length. */
  isSubsetOf(other: BitSet): boolean {
    assert(other.length === this.length, 'bit sets of different lengths');
    for (let i = 0; i < this.bytes.length; i++) {
      if ((this.bytes[i]! & ~other.bytes[i]!) !== 0) return false;
    }
    return true;
  }

  clone(): BitSet {
    const copy = new BitSet(this.length);
    copy.bytes.set(this.bytes);
    copy.#count = this.#count;
    return copy;
  }
}

function countOnes(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i]!;
    while (byte !== 0) {
      byte &= byte - 1;
      count++;
    }
  }
  return count;
}
