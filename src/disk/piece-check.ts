/**
 * Owns the hashing of one stored piece in steps of at most a scratch buffer, as a check needs it: a piece may
 * be 64 MiB long and other storages wait meanwhile.
 *
 * What is all zeros, as the holes of a sparse file are, is not hashed but compared with the digest of as many
 * zeros, which is computed once: a 5 GiB file that has hardly begun checks at the speed of reading.
 */
import type { Crypto, IncrementalDigest } from '../ports/crypto.ts';
import type { Storage } from './storage.ts';

export class PieceCheck {
  readonly #storage: Storage;
  readonly #crypto: Crypto;
  readonly #scratch: Uint8Array;
  /** The same memory, four bytes at a time. */
  readonly #scratchWords: Int32Array;
  #piece = 0;
  #begin = 0;
  /** Null while all bytes so far are zeros. */
  #digest: IncrementalDigest | null = null;
  #zerosLength = -1;
  #zerosDigest: Uint8Array = new Uint8Array(0);

  /**
   * `scratch` starts at a multiple of 4 of its buffer, has a length that is one, and is lent for each call.
   */
  constructor(storage: Storage, crypto: Crypto, scratch: Uint8Array) {
    this.#storage = storage;
    this.#crypto = crypto;
    this.#scratch = scratch;
    this.#scratchWords = new Int32Array(scratch.buffer, scratch.byteOffset, scratch.length / 4);
  }

  start(piece: number): void {
    this.#piece = piece;
    this.#begin = 0;
    this.#digest = null;
  }

  /**
   * Hashes some of the piece; null while there is more, then whether it matches. Throws `FileSystemError`.
   */
  step(): boolean | null {
    const length = this.#storage.layout.lengthOfPiece(this.#piece);
    const count = Math.min(this.#scratch.length, length - this.#begin);
    const target = count === this.#scratch.length ? this.#scratch : this.#scratch.subarray(0, count);
    if (!this.#storage.reader.read(this.#piece, this.#begin, target)) return false;
    if (this.#digest === null && !this.#isZeros(count)) this.#startDigest();
    this.#digest?.update(target);
    this.#begin += count;
    if (this.#begin < length) return null;
    return this.#storage.matches(this.#piece, this.#digest?.digest() ?? this.#digestOfZeros(length));
  }

  /** Something is no zero: the digest begins with the zeros before it. The scratch is not touched. */
  #startDigest(): void {
    this.#digest = this.#crypto.createSha1();
    updateWithZeros(this.#digest, this.#begin);
  }

  #isZeros(count: number): boolean {
    const words = count >>> 2;
    for (let i = 0; i < words; i++) if (this.#scratchWords[i] !== 0) return false;
    for (let i = words << 2; i < count; i++) if (this.#scratch[i] !== 0) return false;
    return true;
  }

  #digestOfZeros(length: number): Uint8Array {
    if (this.#zerosLength !== length) {
      const digest = this.#crypto.createSha1();
      updateWithZeros(digest, length);
      this.#zerosDigest = digest.digest();
      this.#zerosLength = length;
    }
    return this.#zerosDigest;
  }
}

const ZEROS_LENGTH = 1 << 14;

function updateWithZeros(digest: IncrementalDigest, length: number): void {
  const zeros = new Uint8Array(ZEROS_LENGTH);
  for (let left = length; left > 0; left -= ZEROS_LENGTH) {
    digest.update(left >= ZEROS_LENGTH ? zeros : zeros.subarray(0, left));
  }
}
