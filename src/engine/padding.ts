/**
 * Owns which blocks lie wholly in padding files (BEP 47): they are zeros that nobody is asked for. A block that is only
 * partly padding is requested as a whole, because that is how the v1 byte space is served.
 */
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { FileLayout } from '../protocol/metainfo/file-layout.ts';

export class Padding {
  readonly #layout: FileLayout;
  /** Start and end offsets in the torrent of runs of padding, in order. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** `isPadding[file]` for each file of the layout. */
  constructor(layout: FileLayout, isPadding: readonly boolean[]) {
    this.#layout = layout;
    for (let file = 0; file < isPadding.length; file++) {
      const length = layout.fileLength(file);
      if (!isPadding[file] || length === 0) continue;
      const start = layout.fileOffset(file);
      this.#starts.push(start);
      this.#ends.push(start + length);
    }
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  covers(piece: number, block: number): boolean {
    if (this.#starts.length === 0) return false;
    const start = this.#layout.pieceOffset(piece) + block * BLOCK_LENGTH;
    const end = start + this.#layout.lengthOfBlock(piece, block);
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! <= start) low = middle + 1;
      else high = middle;
    }
    return low < this.#starts.length && this.#starts[low]! <= start && end <= this.#ends[low]!;
  }

  /** Padding bytes between two offsets of the torrent. */
  bytesBetween(from: number, to: number): number {
    let sum = 0;
    for (let i = 0; i < this.#starts.length; i++) {
      sum += Math.max(0, Math.min(to, this.#ends[i]!) - Math.max(from, this.#starts[i]!));
    }
    return sum;
  }
}
