/**
 * Owns how many bytes of a torrent are verified and how many are left, as people and trackers count them: without padding.
 */
import type { FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { Padding } from './padding.ts';

export class ByteCounts {
  /** Verified bytes of wanted files. */
  verifiedWanted = 0;
  /** Bytes of all files, wanted or not, that are not verified: what `left` means to a tracker (BEP 3). */
  left: number;
  readonly #layout: FileLayout;
  readonly #padding: Padding;
  readonly #isWanted: readonly boolean[];
  /** Filled by a walk over a piece's extents. */
  #sum = 0;

  /** `totalLength`: bytes of all files without padding. `isWanted[file]` for each file of the layout. */
  constructor(layout: FileLayout, padding: Padding, isWanted: readonly boolean[], totalLength: number) {
    this.#layout = layout;
    this.#padding = padding;
    this.#isWanted = isWanted;
    this.left = totalLength;
  }

  /** The piece was verified; called once for each. */
  onVerified(piece: number): void {
    const start = this.#layout.pieceOffset(piece);
    const length = this.#layout.lengthOfPiece(piece);
    this.left -= length - this.#padding.bytesBetween(start, start + length);
    this.#sum = 0;
    this.#layout.forEachExtent(piece, 0, length, this);
    this.verifiedWanted += this.#sum;
  }

  onExtent(file: number, _fileOffset: number, length: number): void {
    if (this.#isWanted[file]) this.#sum += length;
  }
}
