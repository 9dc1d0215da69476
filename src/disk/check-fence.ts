/**
 * Owns the fence `check`: looks at the files, believes what a snapshot vouches for, hashes every other piece
 * whose bytes all exist and may have changed, decides what is foreign, then finishes the files that are
 * complete and makes the empty ones. In steps, so that other storages go on.
 *
 * Invariant: a piece is marked only after its hash matched what is in the files in this very check, or
 * matched earlier and its files are the same since. A snapshot is believed once: a second check hashes
 * everything.
 */
import { BitSet } from '../base/bit-set.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Failure } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';
import type { PartialPieceRecord } from '../ports/state-store.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { FileScan } from './file-scan.ts';
import { foreignFile } from './foreign-files.ts';
import { FILES_PER_STEP, PIECES_PER_STEP, PROGRESS_REPORTS } from './limits.ts';
import { PieceCheck } from './piece-check.ts';
import { type ResumedClaims, VERDICT_IN_DOUBT, VERDICT_VOUCHED } from './resumed-claims.ts';
import type { Fence, Storage } from './storage.ts';
import type { WriteBack } from './write-back.ts';

export class CheckFence implements Fence {
  readonly #storage: Storage;
  readonly #writeBack: WriteBack;
  readonly #completions: CompletionBatch;
  /** Null when everything is to be hashed. */
  readonly #claims: ResumedClaims | null;
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
  constructor(
    storage: Storage,
    crypto: Crypto,
    scratch: Uint8Array,
    writeBack: WriteBack,
    completions: CompletionBatch,
  ) {
    const { files, spec } = storage;
    this.#storage = storage;
    this.#writeBack = writeBack;
    this.#completions = completions;
    this.#claims = storage.claims;
    storage.claims = null;
    this.#pieceCheck = new PieceCheck(storage, crypto, scratch);
    this.#hashed = new BitSet(storage.layout.pieceCount);
    this.#scan = storage.isScanFresh
      ? null
      : new FileScan(files.fileSystem, spec, files.names, files.table, files.stamps);
    storage.isScanFresh = false;
    storage.verified.clear();
  }

  step(): boolean {
    try {
      const hasMore = this.#work();
      if (!hasMore) this.#end(this.#restorePartials(), null);
      return hasMore;
    } catch (error) {
      this.#end([], failureOf(error));
      return false;
    }
  }

  abort(failure: Failure): void {
    this.#end([], failure);
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
      const path = foreignFile(this.#storage, this.#hashed, this.#claims);
      if (path !== null) throw new FileSystemError('foreign-data', 'check', path);
    }
    return this.#finishFiles();
  }

  #look(scan: FileScan): void {
    if (scan.step()) return;
    this.#scan = null;
    this.#storage.parts.load();
  }

  /**
   * Passes over pieces without data, and over those that are vouched for, up to a piece that is hashed for
   * one step.
   */
  #checkPieces(): void {
    const { layout } = this.#storage;
    for (let passed = 0; passed < PIECES_PER_STEP && this.#nextPiece < layout.pieceCount; passed++) {
      if (this.#isInPiece || this.#isToBeHashed(this.#nextPiece)) {
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

  #isToBeHashed(piece: number): boolean {
    const { presence, verified } = this.#storage;
    if (this.#claims !== null && !this.#hashed.has(piece)) {
      const verdict = this.#claims.judge(piece);
      if (verdict === VERDICT_VOUCHED) {
        verified.add(piece);
        if (!this.#claims.areSynced) this.#storage.onFound(piece);
      }
      if (verdict !== VERDICT_IN_DOUBT) return false;
    }
    return presence.isPresent(piece);
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
    if (matches) {
      verified.add(piece);
      this.#storage.onFound(piece);
    }
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

  /** Goes on with the pieces that had begun, as far as they can be tracked; what is told is claimed again. */
  #restorePartials(): PartialPieceRecord[] {
    const vouched = this.#claims?.vouchedPartials() ?? [];
    return vouched.filter(({ piece, blocks }) => {
      if (!this.#claims!.areSynced) this.#storage.onFound(piece);
      const written = BitSet.fromBytes(blocks, this.#storage.layout.blockCount(piece));
      return written !== null && this.#writeBack.restore(this.#storage, piece, written);
    });
  }

  /** A failure leaves the storage in error: nothing is written over what could not be looked at. */
  #end(partials: readonly PartialPieceRecord[], failure: Failure | null): void {
    const { files, id, verified } = this.#storage;
    let ended = failure;
    try {
      // Open for reading, they are of no use to a download, and sockets need descriptors as well.
      files.closeAll();
    } catch (error) {
      ended ??= failureOf(error);
    }
    this.#storage.failure = ended;
    this.#completions.checked(id, verified.bytes(), ended === null ? partials : [], ended);
  }
}
