/**
 * Owns the SHA-1 of pieces whose bytes come in stretches, one piece after the other (BEP 3).
 *
 * What is all zeros, as holes of a sparse file are, is not hashed but compared with the digest of as many zeros, which is
 * computed once. A piece that comes in one stretch is hashed in one call, which costs a third less for short ones.
 */
import { assert } from '../base/assert.ts';
import type { Crypto, IncrementalDigest } from '../ports/crypto.ts';

export const SHA1_LENGTH = 20;
const ZEROS_LENGTH = 1 << 16;

export class PieceSha1 {
  readonly #crypto: Pick<Crypto, 'sha1' | 'createSha1'>;
  readonly #zeros = new Uint8Array(ZEROS_LENGTH);
  #length = 0;
  /** Bytes of the piece so far. */
  #begin = 0;
  /** Null while all bytes so far are zeros. */
  #running: IncrementalDigest | null = null;
  /** The digest of a piece that came in one stretch. */
  #whole: Uint8Array | null = null;
  #zerosLength = -1;
  #zerosDigest: Uint8Array = new Uint8Array(0);

  constructor(crypto: Pick<Crypto, 'sha1' | 'createSha1'>) {
    this.#crypto = crypto;
  }

  /** Begins a piece of `length` bytes. */
  start(length: number): void {
    this.#length = length;
    this.#begin = 0;
    this.#running = null;
    this.#whole = null;
  }

  /** The next bytes of the piece. */
  update(bytes: Uint8Array): void {
    if (bytes.length === this.#length) this.#whole = this.#crypto.sha1(bytes);
    else {
      this.#running ??= this.#afterZeros(this.#begin);
      this.#running.update(bytes);
    }
    this.#begin += bytes.length;
  }

  /** The next `count` bytes of the piece are zeros. */
  updateWithZeros(count: number): void {
    if (this.#running !== null) this.#feedZeros(this.#running, count);
    this.#begin += count;
  }

  /** Puts the digest at `offset` of `target`. */
  finish(target: Uint8Array, offset: number): void {
    assert(this.#begin === this.#length, 'all of a piece is hashed');
    target.set(this.#whole ?? this.#running?.digest() ?? this.#digestOfZeros(), offset);
  }

  #afterZeros(count: number): IncrementalDigest {
    const digest = this.#crypto.createSha1();
    this.#feedZeros(digest, count);
    return digest;
  }

  #digestOfZeros(): Uint8Array {
    if (this.#zerosLength !== this.#length) {
      this.#zerosDigest = this.#afterZeros(this.#length).digest();
      this.#zerosLength = this.#length;
    }
    return this.#zerosDigest;
  }

  #feedZeros(digest: IncrementalDigest, count: number): void {
    for (let left = count; left > 0; left -= ZEROS_LENGTH) {
      digest.update(left >= ZEROS_LENGTH ? this.#zeros : this.#zeros.subarray(0, left));
    }
  }
}
