/**
 * Owns the arithmetic of merkle trees (BEP 52): from leaves to the hash of a piece, from the hashes of pieces to the
 * root of a file. A leaf is the SHA-256 of a 16 KiB block; what a tree lacks to a power of two are leaves of zeros.
 */
import { assert } from '../../base/assert.ts';
import { BLOCK_LENGTH } from '../../base/numbers.ts';
import type { Crypto } from '../../ports/crypto.ts';

/** Bytes of a SHA-256. */
export const MERKLE_HASH_LENGTH = 32;

/** SHA-256 into memory that exists, because a tree needs one for every 32 bytes of its leaves. */
export interface Sha256Into {
  /** Puts the SHA-256 of `bytes` at `offset` of `target`; the two may overlap. */
  sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void;
}

/**
 * The tree over the leaves of one piece, or of one file that is no longer than a piece; used again and again.
 * Hot file: nothing is allocated after construction.
 */
export class LeafTree {
  /** Where the leaves go, one after the other. Overwritten by {@link reduce}. */
  readonly leaves: Uint8Array;
  readonly #hasher: Sha256Into;
  /** Views of two neighbouring hashes each. */
  readonly #pairs: readonly Uint8Array[];

  /** A tree of at most `capacity` leaves, which is a power of two. */
  constructor(capacity: number, hasher: Sha256Into) {
    assert(capacity >= 1 && Number.isInteger(Math.log2(capacity)), 'a tree has a power of two of leaves');
    this.leaves = new Uint8Array(capacity * MERKLE_HASH_LENGTH);
    this.#hasher = hasher;
    const pairs: Uint8Array[] = [];
    for (let at = 0; at + 2 * MERKLE_HASH_LENGTH <= this.leaves.length; at += 2 * MERKLE_HASH_LENGTH) {
      pairs.push(this.leaves.subarray(at, at + 2 * MERKLE_HASH_LENGTH));
    }
    this.#pairs = pairs;
  }

  /**
   * Puts the root over the first `leafCount` leaves and as many leaves of zeros as make them `width` (a power of two) at
   * `offset` of `target`.
   */
  reduce(leafCount: number, width: number, target: Uint8Array, offset: number): void {
    assert(leafCount >= 1 && leafCount <= width, 'leaves of a tree');
    assert(width * MERKLE_HASH_LENGTH <= this.leaves.length, 'width of a tree');
    this.leaves.fill(0, leafCount * MERKLE_HASH_LENGTH, width * MERKLE_HASH_LENGTH);
    for (let left = width >>> 1; left >= 1; left >>>= 1) {
      // A hash goes to where its pair, or an earlier one, has been read.
      for (let pair = 0; pair < left; pair++) {
        this.#hasher.sha256Into(this.#pairs[pair]!, this.leaves, pair * MERKLE_HASH_LENGTH);
      }
    }
    for (let i = 0; i < MERKLE_HASH_LENGTH; i++) target[offset + i] = this.leaves[i]!;
  }
}

/** The smallest power of two that is at least `count`, which is at least 1. */
export function treeWidth(count: number): number {
  let width = 1;
  while (width < count) width *= 2;
  return width;
}

/** The root over a piece layer; `empty` ({@link emptySubtree}) stands for the pieces it lacks to a power of two. */
export function rootOfLayer(layer: Uint8Array, empty: Uint8Array, crypto: Crypto): Uint8Array {
  let level = layer;
  let padding = empty;
  while (level.length > MERKLE_HASH_LENGTH) {
    const pairs = Math.ceil(level.length / (2 * MERKLE_HASH_LENGTH));
    const above = new Uint8Array(pairs * MERKLE_HASH_LENGTH);
    for (let pair = 0; pair < pairs; pair++) {
      const start = pair * 2 * MERKLE_HASH_LENGTH;
      const isWhole = start + 2 * MERKLE_HASH_LENGTH <= level.length;
      const both = isWhole
        ? level.subarray(start, start + 2 * MERKLE_HASH_LENGTH)
        : joined(level.subarray(start), padding);
      above.set(crypto.sha256(both), pair * MERKLE_HASH_LENGTH);
    }
    padding = crypto.sha256(joined(padding, padding));
    level = above;
  }
  return level;
}

/** The hash of a piece of which all leaves are zeros: what pads a layer. */
export function emptySubtree(pieceLength: number, crypto: Crypto): Uint8Array {
  let hash: Uint8Array = new Uint8Array(MERKLE_HASH_LENGTH);
  for (let length = BLOCK_LENGTH; length < pieceLength; length *= 2) hash = crypto.sha256(joined(hash, hash));
  return hash;
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * MERKLE_HASH_LENGTH);
  both.set(left);
  both.set(right, MERKLE_HASH_LENGTH);
  return both;
}
