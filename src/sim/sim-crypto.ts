/**
 * The `Crypto` port without a platform: SHA-1 and SHA-256 (FIPS 180-4) in plain arithmetic, for worlds that
 * must run where nothing else is. A fifth of a platform's speed; a huge simulation takes an oracle instead.
 */
import type { Crypto, IncrementalDigest } from '../ports/crypto.ts';

const BLOCK_BYTES = 64;
/** Where the message's length in bits begins in the last block. */
const LENGTH_AT = 56;

export class SimCrypto implements Crypto {
  /** Bytes that went through digests so far: tells whether something was hashed at all. */
  hashedBytes = 0;

  sha1(bytes: Uint8Array): Uint8Array {
    const digest = this.createSha1();
    digest.update(bytes);
    return digest.digest();
  }

  sha256(bytes: Uint8Array): Uint8Array {
    const digest = this.createSha256();
    digest.update(bytes);
    return digest.digest();
  }

  createSha1(): IncrementalDigest {
    return new ShaDigest([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], compressSha1, this);
  }

  createSha256(): IncrementalDigest {
    return new ShaDigest(SHA256_START, compressSha256, this);
  }
}

type Compress = (state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array) => void;

class ShaDigest implements IncrementalDigest {
  readonly #state: Int32Array;
  readonly #compress: Compress;
  readonly #meter: { hashedBytes: number };
  readonly #words = new Int32Array(80);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #blockUsed = 0;
  #length = 0;

  constructor(start: ArrayLike<number>, compress: Compress, meter: { hashedBytes: number }) {
    this.#meter = meter;
    this.#state = Int32Array.from(start, (word) => word | 0);
    this.#compress = compress;
  }

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    this.#meter.hashedBytes += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      if (this.#blockUsed === 0 && bytes.length - at >= BLOCK_BYTES) {
        this.#compress(this.#state, bytes, at, this.#words);
        at += BLOCK_BYTES;
        continue;
      }
      const count = Math.min(BLOCK_BYTES - this.#blockUsed, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + count), this.#blockUsed);
      this.#blockUsed += count;
      at += count;
      if (this.#blockUsed === BLOCK_BYTES) this.#compressBlock();
    }
  }

  digest(): Uint8Array {
    const bits = this.#length * 8;
    this.#block[this.#blockUsed++] = 0x80;
    if (this.#blockUsed > LENGTH_AT) this.#compressBlock();
    this.#block.fill(0, this.#blockUsed);
    const view = new DataView(this.#block.buffer);
    view.setUint32(LENGTH_AT, Math.floor(bits / 2 ** 32));
    view.setUint32(LENGTH_AT + 4, bits >>> 0);
    this.#compress(this.#state, this.#block, 0, this.#words);
    const digest = new Uint8Array(4 * this.#state.length);
    const out = new DataView(digest.buffer);
    for (let i = 0; i < this.#state.length; i++) out.setInt32(4 * i, this.#state[i]!);
    return digest;
  }

  #compressBlock(): void {
    this.#block.fill(0, this.#blockUsed);
    this.#compress(this.#state, this.#block, 0, this.#words);
    this.#blockUsed = 0;
  }
}

function loadWords(bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let i = 0; i < 16; i++) {
    const from = at + 4 * i;
    words[i] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
  }
}

function compressSha1(state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array): void {
  loadWords(bytes, at, words);
  for (let i = 16; i < 80; i++) {
    const mixed = words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!;
    words[i] = (mixed << 1) | (mixed >>> 31);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let i = 0; i < 80; i++) {
    const choice =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + choice + e + words[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

function compressSha256(state: Int32Array, bytes: Uint8Array, at: number, words: Int32Array): void {
  loadWords(bytes, at, words);
  for (let i = 16; i < 64; i++) {
    const w15 = words[i - 15]!;
    const w2 = words[i - 2]!;
    const low = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const high = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    words[i] = (words[i - 16]! + low + words[i - 7]! + high) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const mixE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + mixE + ((e & f) ^ (~e & g)) + SHA256_ROUNDS[i]! + words[i]!) | 0;
    const mixA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

/** The first 32 bits of the fraction of a root, by which the standard defines its constants. */
function fractionBits(root: (value: number) => number): (value: number) => number {
  return (value) => Math.floor((root(value) % 1) * 2 ** 32) | 0;
}

const SHA256_ROUNDS = Int32Array.from(primes(64), fractionBits(Math.cbrt));
const SHA256_START = Int32Array.from(primes(8), fractionBits(Math.sqrt));
