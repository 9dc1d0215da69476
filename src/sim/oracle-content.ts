/**
 * Owns the content of a simulated torrent: every byte is a function of the seed and its place, so that nothing is stored
 * and any part can be made, or judged, at any time.
 */
import { assert } from '../base/assert.ts';

export class OracleContent {
  readonly #seed: number;
  readonly length: number;

  /** `length` bytes that follow from `seed`. */
  constructor(seed: number, length: number) {
    this.#seed = seed >>> 0;
    this.length = length;
  }

  /** Writes the bytes from `position` on to `target[start, end)`. */
  fill(target: Uint8Array, start: number, end: number, position: number): void {
    assert(position >= 0 && position + end - start <= this.length, `content at ${position}`);
    for (let at = start; at < end; ) {
      const place = position + at - start;
      const inWord = place % 4;
      let word = this.#word((place - inWord) / 4) >>> (8 * inWord);
      const stop = Math.min(end, at + 4 - inWord);
      for (; at < stop; at++) {
        target[at] = word;
        word >>>= 8;
      }
    }
  }

  /** `length` bytes from `position` on. */
  slice(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.fill(bytes, 0, length, position);
    return bytes;
  }

  /** The place of the first byte of `bytes`, which lie at `position`, that is not ours; -1 when all are. */
  firstDifference(bytes: Uint8Array, position: number): number {
    const expected = this.slice(position, bytes.length);
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== expected[i]) return position + i;
    return -1;
  }

  #word(index: number): number {
    const high = Math.floor(index / 0x1_0000_0000);
    let word = Math.imul((index | 0) ^ this.#seed, 0x9e3779b1) ^ Math.imul(high + 1, 0x85ebca77);
    word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
    word = Math.imul(word ^ (word >>> 12), 0x297a2d39);
    return (word ^ (word >>> 15)) >>> 0;
  }
}
