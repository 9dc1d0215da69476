/**
 * Owns the merkle tree of pieces whose bytes come in whole blocks, one piece after the other (BEP 52). Blocks of zeros, as
 * holes of a sparse file are, are not hashed again and again.
 */
import { BLOCK_LENGTH } from '../base/numbers.ts';
import { LeafTree, MERKLE_HASH_LENGTH, type Sha256Into, treeWidth } from '../protocol/metainfo/merkle.ts';

export class PieceLeaves {
  readonly #hasher: Sha256Into;
  readonly #pieceLength: number;
  readonly #tree: LeafTree;
  /** The blocks of the buffer that bytes come in. */
  readonly #blocks: readonly Uint8Array[];
  readonly #buffer: Uint8Array;
  readonly #zeroLeaf = new Uint8Array(MERKLE_HASH_LENGTH);
  #leafCount = 0;

  /** Bytes come in `buffer`, whose length is a multiple of a block. */
  constructor(pieceLength: number, buffer: Uint8Array, hasher: Sha256Into) {
    this.#hasher = hasher;
    this.#pieceLength = pieceLength;
    this.#buffer = buffer;
    this.#tree = new LeafTree(pieceLength / BLOCK_LENGTH, hasher);
    const blocks: Uint8Array[] = [];
    for (let at = 0; at < buffer.length; at += BLOCK_LENGTH)
      blocks.push(buffer.subarray(at, at + BLOCK_LENGTH));
    this.#blocks = blocks;
    hasher.sha256Into(new Uint8Array(BLOCK_LENGTH), this.#zeroLeaf, 0);
  }

  start(): void {
    this.#leafCount = 0;
  }

  /** The next `count` bytes of the piece, at `at` (a multiple of a block) of the buffer. Only a file's last are no whole block. */
  add(at: number, count: number, areZeros: boolean): void {
    const { leaves } = this.#tree;
    for (let done = 0; done < count; done += BLOCK_LENGTH) {
      const offset = this.#leafCount++ * MERKLE_HASH_LENGTH;
      const left = count - done;
      if (left < BLOCK_LENGTH) {
        this.#hasher.sha256Into(this.#buffer.subarray(at + done, at + count), leaves, offset);
      } else if (areZeros) leaves.set(this.#zeroLeaf, offset);
      else this.#hasher.sha256Into(this.#blocks[(at + done) / BLOCK_LENGTH]!, leaves, offset);
    }
  }

  /**
   * Puts the root over the piece, which belongs to a file of `fileLength` bytes, at `offset` of `target`. In a file that
   * is no longer than a piece it is the root of the file. A piece of padding alone, which a hybrid may have at its end,
   * belongs to no tree and gets zeros.
   */
  finish(fileLength: number, target: Uint8Array, offset: number): void {
    if (this.#leafCount === 0) {
      target.fill(0, offset, offset + MERKLE_HASH_LENGTH);
      return;
    }
    const isShort = fileLength <= this.#pieceLength;
    const width = isShort ? treeWidth(this.#leafCount) : this.#pieceLength / BLOCK_LENGTH;
    this.#tree.reduce(this.#leafCount, width, target, offset);
  }
}
