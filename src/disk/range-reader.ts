/**
 * Owns the read of a range of a piece from the files that it lies in: wanted bytes from their file, unwanted ones from
 * the parts file or, when that does not have the piece, from a file that exists; padding reads as zeros (BEP 47).
 */
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import { PLACE_NONE } from './file-table.ts';
import type { PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';

export class RangeReader implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;
  readonly #targets: Uint8Array[] = [];
  #target: Uint8Array = new Uint8Array(0);
  #piece = 0;
  #begin = 0;
  #isComplete = true;

  constructor(layout: FileLayout, files: StoredFiles, parts: PartsFile) {
    this.#layout = layout;
    this.#files = files;
    this.#parts = parts;
  }

  /**
   * Fills `target` from `begin` in `piece`. False when a file is missing or too short, with the target in no defined
   * state. Throws `FileSystemError`.
   */
  read(piece: number, begin: number, target: Uint8Array): boolean {
    this.#target = target;
    this.#piece = piece;
    this.#begin = begin;
    this.#isComplete = true;
    this.#layout.forEachExtent(piece, begin, target.length, this);
    return this.#isComplete;
  }

  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void {
    if (!this.#isComplete) return;
    const isWhole = length === this.#target.length;
    const target = isWhole ? this.#target : this.#target.subarray(rangeOffset, rangeOffset + length);
    this.#targets[0] = target;
    const specification = this.#files.spec.files[file]!;
    let count = 0;
    if (specification.isPadding) {
      target.fill(0);
      count = length;
    } else if (!specification.isWanted && this.#parts.has(this.#piece)) {
      count = this.#parts.read(this.#piece, this.#begin + rangeOffset, this.#targets);
    } else if (this.#files.table.place[file] !== PLACE_NONE) {
      count = this.#files.forReading(file).read(fileOffset, this.#targets);
    }
    if (count < length) this.#isComplete = false;
  }
}
