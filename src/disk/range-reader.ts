/**
 * Owns the read of a range of a piece from the files that it lies in: wanted bytes from their file, unwanted
 * ones from the parts file or, when that does not have the piece, from a file that exists; padding reads as
 * zeros (BEP 47).
 *
 * Hot file: a range that lies in one file is read into the views as they were given, without allocation.
 */
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import { PLACE_NONE } from './file-table.ts';
import type { PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';
import { ViewCursor } from './view-cursor.ts';

export class RangeReader implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;
  readonly #cursor = new ViewCursor();
  readonly #only: Uint8Array[] = [];
  #targets: readonly Uint8Array[] = [];
  #piece = 0;
  #begin = 0;
  #length = 0;
  #isComplete = true;

  constructor(layout: FileLayout, files: StoredFiles, parts: PartsFile) {
    this.#layout = layout;
    this.#files = files;
    this.#parts = parts;
  }

  /**
   * Fills `target` from `begin` in `piece`. False when a file is missing or too short, with the target in no
   * defined state. Throws `FileSystemError`.
   */
  read(piece: number, begin: number, target: Uint8Array): boolean {
    this.#only[0] = target;
    return this.readInto(piece, begin, this.#only, target.length);
  }

  /** The same for `targets`, one after the other, `length` bytes in all, with one vectored read a file. */
  readInto(piece: number, begin: number, targets: readonly Uint8Array[], length: number): boolean {
    this.#targets = targets;
    this.#cursor.start(targets);
    this.#piece = piece;
    this.#begin = begin;
    this.#length = length;
    this.#isComplete = true;
    this.#layout.forEachExtent(piece, begin, length, this);
    return this.#isComplete;
  }

  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void {
    if (!this.#isComplete) return;
    const targets = length === this.#length ? this.#targets : this.#cursor.take(length);
    const specification = this.#files.spec.files[file]!;
    let count = 0;
    if (specification.isPadding) {
      for (let i = 0; i < targets.length; i++) targets[i]!.fill(0);
      count = length;
    } else if (!specification.isWanted && this.#parts.has(this.#piece)) {
      count = this.#parts.read(this.#piece, this.#begin + rangeOffset, targets);
    } else if (this.#files.table.place[file] !== PLACE_NONE) {
      count = this.#files.forReading(file).read(fileOffset, targets);
    }
    if (count < length) this.#isComplete = false;
  }
}
