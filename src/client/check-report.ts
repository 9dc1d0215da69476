/**
 * Owns what a check says of each file once it is known of each piece whether it is good.
 *
 * A bad piece that several files share does not say which of them is to blame: a file all of whose own pieces are good
 * is accused only when none of its neighbours in that piece has something wrong of its own. In a file that a download
 * has not finished, what does not match is missing rather than bad.
 */
import { toHex } from '../base/text.ts';
import { PLACE_FINAL, PLACE_INCOMPLETE } from '../disk/file-table.ts';
import type { ExtentVisitor, FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import type { CheckEntries, FoundFiles } from './check-plan.ts';
import type { CheckedFile, CheckedFileState, CheckReport, PieceRange } from './check-torrent.ts';

export const PIECE_MISSING = 0;
export const PIECE_GOOD = 1;
export const PIECE_BAD = 2;

/** The report; `pieces` has one of the states above for each piece, and is changed. */
export function createReport(
  metainfo: Metainfo,
  entries: CheckEntries,
  found: FoundFiles,
  layout: FileLayout,
  pieces: Uint8Array,
): CheckReport {
  const judge = new Judge(entries, found, layout, pieces);
  const files: CheckedFile[] = [];
  for (const [entry, index] of entries.fileOf.entries()) {
    if (index === null) continue;
    const first = layout.firstPieceOf(entry);
    const end = layout.endPieceOf(entry);
    files.push({
      index,
      path: metainfo.files[index]!.path,
      state: judge.stateOf(entry),
      length: metainfo.files[index]!.length,
      storedLength: found.paths[entry] === null ? null : found.storedLength[entry]!,
      pieceCount: end - first,
      verifiedPieces: countOf(pieces, PIECE_GOOD, first, end),
      badPieces: rangesOf(pieces, PIECE_BAD, first, end),
      missingPieces: rangesOf(pieces, PIECE_MISSING, first, end),
      error: found.errors.get(entry) ?? null,
    });
  }
  return {
    name: metainfo.name,
    infoHashV1: metainfo.infoHashV1 === null ? null : toHex(metainfo.infoHashV1),
    infoHashV2: metainfo.infoHashV2 === null ? null : toHex(metainfo.infoHashV2),
    isComplete: files.every((file) => file.state === 'complete'),
    pieceLength: metainfo.pieceLength,
    pieceCount: pieces.length,
    verifiedPieces: countOf(pieces, PIECE_GOOD, 0, pieces.length),
    totalBytes: metainfo.totalLength,
    verifiedBytes: judge.verifiedBytes(),
    badPieces: rangesOf(pieces, PIECE_BAD, 0, pieces.length),
    missingPieces: rangesOf(pieces, PIECE_MISSING, 0, pieces.length),
    files,
  };
}

class Judge implements ExtentVisitor {
  readonly #entries: CheckEntries;
  readonly #found: FoundFiles;
  readonly #layout: FileLayout;
  readonly #pieces: Uint8Array;
  /** Answers that were found once: a piece may hold 100,000 files, and each asks for all others. */
  readonly #faults: (boolean | undefined)[] = [];
  readonly #culprits = new Map<number, boolean>();
  #sum = 0;

  constructor(entries: CheckEntries, found: FoundFiles, layout: FileLayout, pieces: Uint8Array) {
    this.#entries = entries;
    this.#found = found;
    this.#layout = layout;
    this.#pieces = pieces;
    for (let entry = 0; entry < entries.fileOf.length; entry++) {
      if (found.place[entry] === PLACE_INCOMPLETE) this.#forgiveUnfinished(entry);
    }
  }

  stateOf(entry: number): CheckedFileState {
    const { errors, paths, place, storedLength } = this.#found;
    const { length, symlinkTarget } = this.#entries.spec.files[entry]!;
    if (errors.has(entry)) return 'unreadable';
    if (paths[entry] === null) return 'missing';
    if (symlinkTarget !== null) return 'complete';
    if (place[entry] !== PLACE_FINAL || storedLength[entry]! < length) return 'incomplete';
    if (storedLength[entry]! > length || this.#isToBlame(entry)) return 'bad';
    const first = this.#layout.firstPieceOf(entry);
    const end = this.#layout.endPieceOf(entry);
    return countOf(this.#pieces, PIECE_GOOD, first, end) === end - first ? 'complete' : 'unverified';
  }

  /** Bytes of files, without padding, in good pieces. */
  verifiedBytes(): number {
    this.#sum = 0;
    for (let piece = 0; piece < this.#pieces.length; piece++) {
      if (this.#pieces[piece] !== PIECE_GOOD) continue;
      this.#layout.forEachExtent(piece, 0, this.#layout.lengthOfPiece(piece), this);
    }
    return this.#sum;
  }

  onExtent(entry: number, _offset: number, length: number): void {
    if (this.#entries.fileOf[entry] !== null) this.#sum += length;
  }

  #forgiveUnfinished(entry: number): void {
    const end = this.#layout.endPieceOf(entry);
    for (let piece = this.#layout.firstPieceOf(entry); piece < end; piece++) {
      if (this.#pieces[piece] === PIECE_BAD) this.#pieces[piece] = PIECE_MISSING;
    }
  }

  #isToBlame(entry: number): boolean {
    if (this.#hasOwnFault(entry)) return true;
    const end = this.#layout.endPieceOf(entry);
    for (let piece = this.#layout.firstPieceOf(entry); piece < end; piece++) {
      if (this.#pieces[piece] === PIECE_BAD && !this.#hasCulprit(piece)) return true;
    }
    return false;
  }

  /** Some file of a bad piece has something wrong besides that piece. */
  #hasCulprit(piece: number): boolean {
    const known = this.#culprits.get(piece);
    if (known !== undefined) return known;
    const has = this.#findCulprit(piece);
    this.#culprits.set(piece, has);
    return has;
  }

  #findCulprit(piece: number): boolean {
    const end = this.#layout.endFileOf(piece);
    for (let entry = this.#layout.firstFileOf(piece); entry < end; entry++) {
      if (this.#hasOwnFault(entry)) return true;
    }
    return false;
  }

  /** The file has the wrong length, or a bad piece that it shares with no other. */
  #hasOwnFault(entry: number): boolean {
    this.#faults[entry] ??= this.#findFault(entry);
    return this.#faults[entry];
  }

  #findFault(entry: number): boolean {
    const { length } = this.#entries.spec.files[entry]!;
    if (this.#entries.fileOf[entry] === null || length === 0) return false;
    if (this.#found.storedLength[entry] !== length) return true;
    const first = this.#layout.firstPieceOf(entry);
    const end = this.#layout.endPieceOf(entry);
    for (let piece = first; piece < end; piece++) {
      if (this.#pieces[piece] === PIECE_BAD && this.#isAlone(entry, piece)) return true;
    }
    return false;
  }

  #isAlone(entry: number, piece: number): boolean {
    const end = this.#layout.endFileOf(piece);
    for (let other = this.#layout.firstFileOf(piece); other < end; other++) {
      const isFile = this.#entries.fileOf[other] !== null && this.#layout.fileLength(other) > 0;
      if (other !== entry && isFile) return false;
    }
    return true;
  }
}

function countOf(pieces: Uint8Array, state: number, first: number, end: number): number {
  let count = 0;
  for (let piece = first; piece < end; piece++) if (pieces[piece] === state) count++;
  return count;
}

function rangesOf(pieces: Uint8Array, state: number, first: number, end: number): PieceRange[] {
  const ranges: PieceRange[] = [];
  for (let piece = first; piece < end; piece++) {
    if (pieces[piece] !== state) continue;
    const start = piece;
    while (piece + 1 < end && pieces[piece + 1] === state) piece++;
    ranges.push([start, piece]);
  }
  return ranges;
}
