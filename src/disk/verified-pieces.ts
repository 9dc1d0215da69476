/**
 * Owns which pieces of a storage are verified, and with that how many pieces each file still lacks.
 *
 * Invariant: a file's count of unverified pieces is the number of pieces with a byte of it whose bit is
 * clear.
 */
import { BitSet } from '../base/bit-set.ts';
import type { StorageFile } from '../ports/disk.ts';
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';

export class VerifiedPieces implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: readonly StorageFile[];
  readonly #bits: BitSet;
  readonly #unverified: Int32Array;
  readonly #completed: number[] = [];
  #step = -1;
  #incompleteWanted = 0;

  constructor(layout: FileLayout, files: readonly StorageFile[]) {
    this.#layout = layout;
    this.#files = files;
    this.#bits = new BitSet(layout.pieceCount);
    this.#unverified = new Int32Array(layout.fileCount);
    this.clear();
  }

  has(piece: number): boolean {
    return this.#bits.has(piece);
  }

  /** A copy of the bits, in wire order. */
  bytes(): Uint8Array {
    return this.#bits.bytes.slice();
  }

  clear(): void {
    this.#bits.clear();
    this.#incompleteWanted = 0;
    for (let file = 0; file < this.#layout.fileCount; file++) {
      const count = this.#pieceCountOf(file);
      this.#unverified[file] = count;
      if (count > 0 && this.#isWanted(file)) this.#incompleteWanted++;
    }
  }

  /** Marks `piece`; the files that are complete with it. The array is reused by the next call. */
  add(piece: number): readonly number[] {
    this.#completed.length = 0;
    if (this.#bits.add(piece)) this.#count(piece, -1);
    return this.#completed;
  }

  /** Takes the mark away. */
  delete(piece: number): void {
    if (this.#bits.delete(piece)) this.#count(piece, 1);
  }

  /** True when every piece of every wanted file is verified. */
  get hasAllWanted(): boolean {
    return this.#incompleteWanted === 0;
  }

  /** True when every piece of `file` is verified; an empty file has none. */
  isComplete(file: number): boolean {
    return this.#unverified[file] === 0;
  }

  /** True when no piece of `file` is verified. */
  isUntouched(file: number): boolean {
    return this.#unverified[file] === this.#pieceCountOf(file);
  }

  onExtent(file: number): void {
    const before = this.#unverified[file]!;
    const after = before + this.#step;
    this.#unverified[file] = after;
    if (after === 0) {
      this.#completed.push(file);
      if (this.#isWanted(file)) this.#incompleteWanted--;
    } else if (before === 0 && this.#isWanted(file)) this.#incompleteWanted++;
  }

  #isWanted(file: number): boolean {
    return this.#files[file]!.isWanted && !this.#files[file]!.isPadding;
  }

  #count(piece: number, step: number): void {
    this.#step = step;
    this.#layout.forEachExtent(piece, 0, this.#layout.lengthOfPiece(piece), this);
  }

  #pieceCountOf(file: number): number {
    return this.#layout.endPieceOf(file) - this.#layout.firstPieceOf(file);
  }
}
