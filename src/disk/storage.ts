/**
 * Owns one torrent's place on disk as the disk core sees it: the parts that work together, and the state that
 * decides what may run: a failure, a fence that is running, and what waits behind it.
 */
import { assert } from '../base/assert.ts';
import type { StorageSpec } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { FileSystem } from '../ports/file-system.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { FileFinisher } from './file-finisher.ts';
import { FileNames } from './file-names.ts';
import type { FilePool } from './file-pool.ts';
import { FileSync } from './file-sync.ts';
import { FileTable, PLACE_NONE } from './file-table.ts';
import { PartsFile } from './parts-file.ts';
import { PiecePresence } from './piece-presence.ts';
import { RangeReader } from './range-reader.ts';
import type { ResumedClaims } from './resumed-claims.ts';
import { RunWriter } from './run-writer.ts';
import type { Snapshot } from './snapshot.ts';
import { StoredFiles } from './stored-files.ts';
import type { TrackedPiece } from './tracked-piece.ts';
import { VerifiedPieces } from './verified-pieces.ts';

const DIGEST_LENGTH = 20;

/** A fence that takes more than one step. It reports its own completion. */
export interface Fence {
  /** Does some of the work; true while there is more. */
  step(): boolean;
  /** Ends it before its time. */
  abort(failure: Failure): void;
}

export class Storage {
  readonly id: number;
  readonly spec: StorageSpec;
  readonly layout: FileLayout;
  readonly files: StoredFiles;
  readonly parts: PartsFile;
  readonly reader: RangeReader;
  readonly writer: RunWriter;
  readonly presence: PiecePresence;
  readonly finisher: FileFinisher;
  readonly fileSync: FileSync;
  readonly verified: VerifiedPieces;
  /** Pieces whose blocks are arriving. */
  readonly tracked = new Map<number, TrackedPiece>();
  /** Why nothing is written any more; cleared by a check. */
  failure: Failure | null = null;
  fence: Fence | null = null;
  /** Snapshots under way, in order of submission; none while a fence runs. */
  readonly snapshots: Snapshot[] = [];
  /** Somebody holds a snapshot, and relies on what it says. */
  hasSnapshot = false;
  /** What an earlier snapshot claims, until a check has judged it. */
  claims: ResumedClaims | null = null;
  /** The scan of `open` still describes the files, so that a check need not look again. */
  isScanFresh = false;
  /** Records of the commands that wait for the fence. */
  readonly waiting: number[] = [];

  constructor(id: number, spec: StorageSpec, fileSystem: FileSystem, pool: FilePool) {
    this.id = id;
    this.spec = spec;
    const lengths = new Float64Array(spec.files.length);
    for (let file = 0; file < spec.files.length; file++) lengths[file] = spec.files[file]!.length;
    this.layout = new FileLayout(lengths, spec.pieceLength);
    assert(spec.pieceHashes.length === DIGEST_LENGTH * this.layout.pieceCount, 'one hash for each piece');
    this.files = new StoredFiles(fileSystem, pool, spec, new FileNames(spec), new FileTable(spec));
    this.parts = new PartsFile(this.files, this.layout.pieceCount);
    this.reader = new RangeReader(this.layout, this.files, this.parts);
    this.writer = new RunWriter(this.layout, this.files, this.parts);
    this.presence = new PiecePresence(this.layout, this.files, this.parts);
    this.finisher = new FileFinisher(this.files);
    this.fileSync = new FileSync(this.files, this.parts);
    this.verified = new VerifiedPieces(this.layout, spec.files);
  }

  /** True when `digest` is what the torrent says of `piece`. */
  matches(piece: number, digest: Uint8Array): boolean {
    const hashes = this.spec.pieceHashes;
    const at = piece * DIGEST_LENGTH;
    for (let i = 0; i < DIGEST_LENGTH; i++) if (digest[i] !== hashes[at + i]) return false;
    return true;
  }

  /** Bytes of `piece` are good that this storage did not write: they are synced before they are claimed. */
  onFound(piece: number): void {
    const { stamps, table } = this.files;
    if (this.parts.has(piece)) stamps.onFound(stamps.parts);
    const end = this.layout.endFileOf(piece);
    for (let file = this.layout.firstFileOf(piece); file < end; file++) {
      if (table.place[file] !== PLACE_NONE) stamps.onFound(file);
    }
  }

  /** The parts file has bytes of verified pieces that a snapshot relies on. */
  get needsParts(): boolean {
    if (!this.hasSnapshot) return false;
    for (const piece of this.parts.pieces()) if (this.verified.has(piece)) return this.#hasUnwanted;
    return false;
  }

  get #hasUnwanted(): boolean {
    return this.spec.files.some((file) => !file.isWanted && !file.isPadding);
  }

  /** Finishes `file`, of which everything is verified, if it is to be on disk, and reports it. */
  finish(file: number, completions: CompletionBatch): void {
    const { isPadding, isWanted, symlinkTarget } = this.spec.files[file]!;
    if (isWanted && !isPadding && symlinkTarget === null) this.#finish(file, completions);
  }

  /**
   * Makes the links once everything wanted is verified, so that none leads to an incomplete file (BEP 47).
   */
  finishLinks(completions: CompletionBatch): void {
    if (!this.verified.hasAllWanted) return;
    for (let file = 0; file < this.spec.files.length; file++) {
      const { isWanted, symlinkTarget } = this.spec.files[file]!;
      if (isWanted && symlinkTarget !== null) this.#finish(file, completions);
    }
  }

  #finish(file: number, completions: CompletionBatch): void {
    let failure: Failure | null = null;
    try {
      this.finisher.finish(file);
    } catch (error) {
      failure = failureOf(error);
    }
    completions.fileCompleted(this.id, file, failure);
    completions.sendWhenLong();
  }
}
