/**
 * Owns the write of one run: neighbouring blocks of a piece, each in a slot of its own, to the files that
 * they lie in, with one vectored write a file. Padding is dropped (BEP 47); unwanted bytes go to the parts
 * file.
 *
 * Hot file: a run that lies in one file is written from the slots' own views, without allocation.
 */
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';
import { ViewCursor } from './view-cursor.ts';

export class RunWriter implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;
  readonly #cursor = new ViewCursor();
  #views: readonly Uint8Array[] = [];
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
    this.#cursor.start(views);
    this.#piece = piece;
    this.#begin = begin;
    this.#length = length;
    this.#layout.forEachExtent(piece, begin, length, this);
  }

  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void {
    const views = length === this.#length ? this.#views : this.#cursor.take(length);
    const specification = this.#files.spec.files[file]!;
    if (specification.isPadding) return;
    if (specification.isWanted) this.#files.forWriting(file).write(fileOffset, views);
    else this.#parts.write(this.#piece, this.#begin + rangeOffset, views);
  }
}
