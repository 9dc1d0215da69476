/**
 * Owns the fence `check`: looks at the files, hashes every piece whose bytes all exist, decides what is foreign, then
 * finishes the files that are complete and makes the empty ones. In steps, so that other storages go on.
 *
 * Invariant: a piece is marked only after its hash matched what is in the files in this very check.
 */
import { BitSet } from '../base/bit-set.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Failure } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { FileScan } from './file-scan.ts';
import { foreignFile } from './foreign-files.ts';
import { FILES_PER_STEP, PIECES_PER_STEP, PROGRESS_REPORTS } from './limits.ts';
import { PieceCheck } from './piece-check.ts';
import type { Fence, Storage } from './storage.ts';

export class CheckFence implements Fence {
  readonly #storage: Storage;
  readonly #completions: CompletionBatch;
  readonly #pieceCheck: PieceCheck;
  /** Null once the files were looked at. */
  #scan: FileScan | null;
  /** Pieces that were hashed, whatever came of it. */
  readonly #hashed: BitSet;
  #nextPiece = 0;
  #isInPiece = false;
  #reportedPieces = 0;
  #areForeignKnown = false;
  #nextFile = 0;

  /** Nothing of the storage is held or tracked any more. `scratch` is lent for each step. */
  constructor(storage: Storage, crypto: Crypto, scratch: Uint8Array, completions: CompletionBatch) {
    const { files, spec } = storage;
    this.#storage = storage;
    this.#completions = completions;
    this.#pieceCheck = new PieceCheck(storage, crypto, scratch);
    this.#hashed = new BitSet(storage.layout.pieceCount);
    this.#scan = storage.isScanFresh
      ? null
      : new FileScan(files.fileSystem, spec, files.names, files.table);
    storage.isScanFresh = false;
    storage.verified.clear();
  }

  step(): boolean {
    try {
      const hasMore = this.#work();
      if (!hasMore) this.#end(null);
      return hasMore;
    } catch (error) {
      this.#end(failureOf(error));
      return false;
    }
  }

  abort(failure: Failure): void {
    this.#end(failure);
  }

  #work(): boolean {
    if (this.#scan !== null) {
      this.#look(this.#scan);
      return true;
    }
    if (this.#nextPiece < this.#storage.layout.pieceCount) {
      this.#checkPieces();
      return true;
    }
    if (!this.#areForeignKnown) {
      this.#areForeignKnown = true;
      const path = foreignFile(this.#storage, this.#hashed);
      if (path !== null) throw new FileSystemError('foreign-data', 'check', path);
    }
    return this.#finishFiles();
  }

  #look(scan: FileScan): void {
    if (scan.step()) return;
    this.#scan = null;
    this.#storage.parts.load();
  }

  /** Passes over pieces without data, up to a piece that is hashed for one step. */
  #checkPieces(): void {
    const { layout, presence } = this.#storage;
    for (let passed = 0; passed < PIECES_PER_STEP && this.#nextPiece < layout.pieceCount; passed++) {
      if (this.#isInPiece || presence.isPresent(this.#nextPiece)) {
        this.#hashSome();
        break;
      }
      this.#nextPiece++;
    }
    const unreported = this.#nextPiece - this.#reportedPieces;
    if (unreported === 0 || unreported < layout.pieceCount / PROGRESS_REPORTS) return;
    this.#reportedPieces = this.#nextPiece;
    this.#completions.checkProgress(this.#storage.id, this.#nextPiece);
  }

  #hashSome(): void {
    const { parts, verified } = this.#storage;
    const piece = this.#nextPiece;
    if (!this.#isInPiece) this.#pieceCheck.start(piece);
    const matches = this.#pieceCheck.step();
    this.#isInPiece = matches === null;
    if (matches === null) return;
    if (this.#hashed.add(piece) && !matches && parts.has(piece)) {
      // The bytes kept aside may be stale while the unwanted file itself is there: try again without them.
      parts.forget(piece);
      return;
    }
    if (matches) verified.add(piece);
    this.#nextPiece++;
  }

  #finishFiles(): boolean {
    const { spec, verified } = this.#storage;
    const end = Math.min(this.#nextFile + FILES_PER_STEP, spec.files.length);
    for (; this.#nextFile < end; this.#nextFile++) {
      if (verified.isComplete(this.#nextFile)) this.#storage.finish(this.#nextFile, this.#completions);
    }
    if (this.#nextFile < spec.files.length) return true;
    this.#storage.finishLinks(this.#completions);
    return false;
  }

  /** A failure leaves the storage in error: nothing is written over what could not be looked at. */
  #end(failure: Failure | null): void {
    const { id, verified } = this.#storage;
    this.#storage.failure = failure;
    this.#completions.checked(id, verified.bytes(), failure);
  }
}
