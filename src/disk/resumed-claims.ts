/**
 * Owns the judgement of an earlier snapshot against what lies there now: which of its claims still hold, what
 * is in doubt and must be hashed, and what need not even be looked at.
 *
 * A claim holds when every file that the piece's bytes come from has the length and time of the snapshot. The
 * selection may be another than the snapshot's, so that bytes may come from a file now and came from the
 * parts file then. Two rules keep them apart: a snapshot gives a file a stamp only if its bytes came from it;
 * and a piece of which both the parts file and an unwanted file have bytes is in doubt.
 */
import { BitSet } from '../base/bit-set.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { PartialPieceRecord, ResumeData } from '../ports/state-store.ts';
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import { PLACE_NONE } from './file-table.ts';
import { NO_FILE } from './stamp-table.ts';
import type { Storage } from './storage.ts';

/** The claim holds. */
export const VERDICT_VOUCHED = 0;
/** Something may be there that is to be hashed. */
export const VERDICT_IN_DOUBT = 1;
/** Nothing was claimed, and nothing changed since. */
export const VERDICT_NOTHING = 2;

export class ResumedClaims implements ExtentVisitor {
  readonly #storage: Storage;
  readonly #resume: ResumeData;
  readonly #verified: BitSet;
  /** Pieces of which every block is written, and that nobody hashed. */
  readonly #unhashed: BitSet;
  /** What an extent visit found out. */
  #piece = 0;
  #isChanged = false;
  #isMissing = false;
  #isAmbiguous = false;

  private constructor(storage: Storage, resume: ResumeData, verified: BitSet, unhashed: BitSet) {
    this.#storage = storage;
    this.#resume = resume;
    this.#verified = verified;
    this.#unhashed = unhashed;
  }

  /** The claims of `resume`, or null when it does not fit the torrent: then all is to be hashed. */
  static of(storage: Storage, resume: ResumeData): ResumedClaims | null {
    const { layout, spec } = storage;
    const { files, partials, pieceCount } = resume;
    if (pieceCount !== layout.pieceCount) return null;
    const stampCount = spec.files.length + 1;
    if (files.lengths.length !== stampCount || files.modifiedAt.length !== stampCount) return null;
    const verified = BitSet.fromBytes(resume.verified, pieceCount);
    if (verified === null) return null;
    const unhashed = new BitSet(pieceCount);
    const seen = new BitSet(pieceCount);
    for (const record of partials) {
      const blocks = blocksOf(layout, record);
      if (blocks === null || verified.has(record.piece) || !seen.add(record.piece)) return null;
      if (blocks.isFull) unhashed.add(record.piece);
    }
    return new ResumedClaims(storage, resume, verified, unhashed);
  }

  /**
   * What is claimed survived a power failure, if there was one; else it is synced before it is claimed again.
   */
  get areSynced(): boolean {
    return this.#resume.bootId === null;
  }

  /** What is to be done about `piece`, by the scan as it is now: one of the verdicts above. */
  judge(piece: number): number {
    const { layout } = this.#storage;
    this.#visit(piece, 0, layout.lengthOfPiece(piece));
    const isClaimed = this.#verified.has(piece);
    if (isClaimed && !this.#isChanged && !this.#isMissing && !this.#isAmbiguous) return VERDICT_VOUCHED;
    if (isClaimed || this.#isChanged || this.#unhashed.has(piece)) return VERDICT_IN_DOUBT;
    return VERDICT_NOTHING;
  }

  /** True when something verified was in `file`: whatever it is now, it is not somebody else's. */
  wasOurs(file: number): boolean {
    if (this.#resume.files.lengths[file] === NO_FILE) return false;
    const { layout } = this.#storage;
    const first = this.#verified.nextSet(layout.firstPieceOf(file));
    return first >= 0 && first < layout.endPieceOf(file);
  }

  /**
   * The partial pieces whose blocks are still what they were, but for those that are to be hashed instead.
   */
  vouchedPartials(): PartialPieceRecord[] {
    const { verified } = this.#storage;
    return this.#resume.partials.filter(
      (record) =>
        !this.#unhashed.has(record.piece) && !verified.has(record.piece) && this.#isPartialVouched(record),
    );
  }

  onExtent(file: number, fileOffset: number, length: number): void {
    const { files, parts, spec } = this.#storage;
    const { isPadding, isWanted } = spec.files[file]!;
    if (isPadding) return;
    const { place, storedLength } = files.table;
    if (!this.#isSame(file)) this.#isChanged = true;
    if (!isWanted && parts.has(this.#piece)) {
      if (!this.#isSame(files.stamps.parts)) this.#isChanged = true;
      if (place[file] !== PLACE_NONE) this.#isAmbiguous = true;
    } else if (place[file] === PLACE_NONE || storedLength[file]! < fileOffset + length)
      this.#isMissing = true;
    // What comes goes to the parts file, and what came is in the file.
    else if (!isWanted && !this.#verified.has(this.#piece)) this.#isAmbiguous = true;
  }

  #isPartialVouched(record: PartialPieceRecord): boolean {
    const { layout } = this.#storage;
    const { piece } = record;
    this.#visit(piece, 0, layout.lengthOfPiece(piece));
    if (this.#isChanged || this.#isAmbiguous) return false;
    const blocks = blocksOf(layout, record)!;
    for (let block = blocks.nextSet(0); block >= 0; block = blocks.nextSet(block + 1)) {
      this.#visit(piece, block * BLOCK_LENGTH, layout.lengthOfBlock(piece, block));
      if (this.#isMissing) return false;
    }
    return true;
  }

  #visit(piece: number, begin: number, length: number): void {
    this.#piece = piece;
    this.#isChanged = false;
    this.#isMissing = false;
    this.#isAmbiguous = false;
    this.#storage.layout.forEachExtent(piece, begin, length, this);
  }

  #isSame(file: number): boolean {
    const { stamps } = this.#storage.files;
    const { lengths, modifiedAt } = this.#resume.files;
    return lengths[file] === stamps.lengthOf(file) && modifiedAt[file] === stamps.modifiedAtOf(file);
  }
}

/** The blocks of a record, or null when it does not fit the torrent. */
function blocksOf(layout: FileLayout, record: PartialPieceRecord): BitSet | null {
  const { blocks, piece } = record;
  if (!Number.isInteger(piece) || piece < 0 || piece >= layout.pieceCount) return null;
  return BitSet.fromBytes(blocks, layout.blockCount(piece));
}
