/**
 * Owns the write of one run: neighbouring blocks of a piece, each in a slot of its own, to the files that they lie in,
 * with one vectored write a file. Padding is dropped (BEP 47); unwanted bytes go to the parts file.
 *
 * Hot file: a run that lies in one file is written from the slots' own views, without allocation.
 */
import { assert } from '../base/assert.ts';
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';

export class RunWriter implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;
  readonly #extentViews: Uint8Array[] = [];
  #views: readonly Uint8Array[] = [];
  #viewIndex = 0;
  #viewOffset = 0;
  #piece = 0;
  #begin = 0;
  #length = 0;

  constructor(layout: FileLayout, files: StoredFiles, parts: PartsFile) {
    this.#layout = layout;
    this.#files = files;
    this.#parts = parts;
  }

  /** Writes `views`, `length` bytes in all, to `begin` in `piece`. Throws `FileSystemError`. */
  write(piece: number, begin: number, views: readonly Uint8Array[], length: number): void {
    this.#views = views;
    this.#viewIndex = 0;
    this.#viewOffset = 0;
    this.#piece = piece;
    this.#begin = begin;
    this.#length = length;
    this.#layout.forEachExtent(piece, begin, length, this);
  }

  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void {
    const views = length === this.#length ? this.#views : this.#take(length);
    const specification = this.#files.spec.files[file]!;
    if (specification.isPadding) return;
    if (specification.isWanted) this.#files.forWriting(file).write(fileOffset, views);
    else this.#parts.write(this.#piece, this.#begin + rangeOffset, views);
  }

  /** The next `length` bytes of the run, as views. Extents come in order. */
  #take(length: number): readonly Uint8Array[] {
    const taken = this.#extentViews;
    taken.length = 0;
    for (let left = length; left > 0; ) {
      const view = this.#views[this.#viewIndex];
      assert(view !== undefined, 'a run is as long as its views');
      const count = Math.min(left, view.length - this.#viewOffset);
      taken.push(
        count === view.length ? view : view.subarray(this.#viewOffset, this.#viewOffset + count),
      );
      left -= count;
      this.#viewOffset += count;
      if (this.#viewOffset === view.length) {
        this.#viewIndex++;
        this.#viewOffset = 0;
      }
    }
    return taken;
  }
}
