/** Owns the question whether every byte of a piece is stored somewhere, answered without reading any. */
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import { PLACE_NONE } from './file-table.ts';
import type { PartsFile } from './parts-file.ts';
import type { StoredFiles } from './stored-files.ts';

export class PiecePresence implements ExtentVisitor {
  readonly #layout: FileLayout;
  readonly #files: StoredFiles;
  readonly #parts: PartsFile;
  #piece = 0;
  #isPresent = true;

  constructor(layout: FileLayout, files: StoredFiles, parts: PartsFile) {
    this.#layout = layout;
    this.#files = files;
    this.#parts = parts;
  }

  /** False when a file that `piece` needs is missing or too short, so that hashing it would be in vain. */
  isPresent(piece: number): boolean {
    this.#piece = piece;
    this.#isPresent = true;
    this.#layout.forEachExtent(piece, 0, this.#layout.lengthOfPiece(piece), this);
    return this.#isPresent;
  }

  onExtent(file: number, fileOffset: number, length: number): void {
    if (!this.#isPresent) return;
    const specification = this.#files.spec.files[file]!;
    if (specification.isPadding) return;
    if (!specification.isWanted && this.#parts.has(this.#piece)) return;
    const table = this.#files.table;
    if (table.place[file] === PLACE_NONE || table.storedLength[file]! < fileOffset + length) {
      this.#isPresent = false;
    }
  }
}
