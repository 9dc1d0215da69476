/**
 * Owns the mapping between the pieces of a torrent and the files that they lie in (BEP 3: the files are laid
 * end to end and cut into pieces). It knows lengths only: names, padding (BEP 47) and selection belong to its
 * users.
 *
 * Invariants: `#offsets` never falls; file `i` covers `[#offsets[i], #offsets[i + 1])`, nothing when it is
 * empty; the extents of a range are non-empty, in order, and add up to it. Offsets in a torrent or a file are
 * doubles, so no bit operation touches them; offsets in a piece are int32. A padding file is a file like any
 * other. Hot file: nothing is allocated after construction.
 */
import { assert } from '../../base/assert.ts';
import { BLOCK_LENGTH } from '../../base/numbers.ts';

/** Receives the extents of a range, in order. Long-lived, so that walking allocates nothing. */
export interface ExtentVisitor {
  /**
   * `length` bytes (at least 1) of file `file` from `fileOffset`; they are the bytes from `rangeOffset` on of
   * the range that is walked.
   */
  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void;
}

export class FileLayout {
  readonly fileCount: number;
  /** Bytes in each piece but the last. */
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Bytes of all files together. A double. */
  readonly totalLength: number;
  /** Where each file starts in the torrent; one more entry for the end. */
  readonly #offsets: Float64Array;

  /**
   * The layout of files with these lengths in torrent order. The caller has validated them: whole numbers
   * that add up to at most 2^53 - 1, and a piece length from 1 to 2^30.
   */
  constructor(fileLengths: ArrayLike<number>, pieceLength: number) {
    assert(Number.isInteger(pieceLength) && pieceLength >= 1 && pieceLength <= 2 ** 30, 'piece length');
    this.fileCount = fileLengths.length;
    this.pieceLength = pieceLength;
    this.#offsets = new Float64Array(fileLengths.length + 1);
    let offset = 0;
    for (let file = 0; file < fileLengths.length; file++) {
      const length = fileLengths[file]!;
      assert(Number.isSafeInteger(length) && length >= 0, 'file length');
      offset += length;
      assert(offset <= Number.MAX_SAFE_INTEGER, 'length of all files');
      this.#offsets[file + 1] = offset;
    }
    this.totalLength = offset;
    this.pieceCount = Math.ceil(offset / pieceLength);
  }

  /** Offset in the torrent at which `file` starts. */
  fileOffset(file: number): number {
    return this.#offsets[file]!;
  }

  fileLength(file: number): number {
    return this.#offsets[file + 1]! - this.#offsets[file]!;
  }

  /** Offset in the torrent at which `piece` starts. */
  pieceOffset(piece: number): number {
    return piece * this.pieceLength;
  }

  /** Bytes in `piece`: `pieceLength`, less for the last one when the torrent does not fill it. */
  lengthOfPiece(piece: number): number {
    return piece < this.pieceCount - 1 ? this.pieceLength : this.totalLength - piece * this.pieceLength;
  }

  /** Blocks in `piece`; the last of them may be short. */
  blockCount(piece: number): number {
    return Math.ceil(this.lengthOfPiece(piece) / BLOCK_LENGTH);
  }

  /** Bytes in block `block` of `piece`. */
  lengthOfBlock(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.lengthOfPiece(piece) - block * BLOCK_LENGTH);
  }

  /** The file that holds the byte at `offset` of the torrent (0 to `totalLength` - 1); never an empty one. */
  fileAt(offset: number): number {
    if (!(offset >= 0 && offset < this.totalLength)) assert(false, `offset ${offset} of ${this.totalLength}`);
    // The last file that starts at or before the offset: empty files share their start with the file behind
    // them.
    let low = 0;
    let high = this.fileCount;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The first piece with a byte of `file`. For an empty file it equals {@link endPieceOf}. */
  firstPieceOf(file: number): number {
    return Math.floor(this.#offsets[file]! / this.pieceLength);
  }

  /** One more than the last piece with a byte of `file`. */
  endPieceOf(file: number): number {
    const end = this.#offsets[file + 1]!;
    if (end === this.#offsets[file]!) return this.firstPieceOf(file);
    return Math.ceil(end / this.pieceLength);
  }

  /** The first file with a byte in `piece`. */
  firstFileOf(piece: number): number {
    return this.fileAt(piece * this.pieceLength);
  }

  /** One more than the last file with a byte in `piece`. Empty files in between have none. */
  endFileOf(piece: number): number {
    return this.fileAt(piece * this.pieceLength + this.lengthOfPiece(piece) - 1) + 1;
  }

  /** Walks the extents of `length` bytes from `begin` in `piece`; the range lies within the piece. */
  forEachExtent(piece: number, begin: number, length: number, visitor: ExtentVisitor): void {
    if (
      !(piece >= 0 && piece < this.pieceCount && begin >= 0 && begin + length <= this.lengthOfPiece(piece))
    ) {
      assert(false, `${length} bytes from ${begin} of piece ${piece} of ${this.pieceCount}`);
    }
    this.forEachExtentAt(piece * this.pieceLength + begin, length, visitor);
  }

  /** Walks the extents of `length` bytes from `offset` of the torrent; the range lies within the torrent. */
  forEachExtentAt(offset: number, length: number, visitor: ExtentVisitor): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.totalLength)) {
      assert(false, `${length} bytes from ${offset} of ${this.totalLength}`);
    }
    if (length === 0) return;
    const end = offset + length;
    let position = offset;
    for (let file = this.fileAt(offset); position < end; file++) {
      const fileEnd = this.#offsets[file + 1]!;
      if (fileEnd <= position) continue;
      const extentLength = Math.min(end, fileEnd) - position;
      visitor.onExtent(file, position - this.#offsets[file]!, extentLength, position - offset);
      position += extentLength;
    }
  }
}
