/**
 * Owns one snapshot of a storage under way: what is verified and what is written of other pieces, as of its
 * beginning; then the files that changed are synced, if that is asked for, and stamped, a few a step, so that
 * reads go on; then it is told.
 *
 * Invariants: what is claimed was written before its file is stamped, and synced. A stamp is taken right
 * after the sync, with nothing in between, so that it is the stamp of synced bytes; what is written to the
 * file later makes it stale, never wrong, because nothing verified is written over. A file whose sync failed
 * puts the storage in error: the system may have thrown away what it could not write and call the next sync a
 * success.
 */
import { BitSet } from '../base/bit-set.ts';
import type { Failure } from '../ports/failure.ts';
import type { FileStamps, PartialPieceRecord } from '../ports/state-store.ts';
import type { CompletionBatch } from './completion-batch.ts';
import { failureOf } from './failure-of.ts';
import { SyncError } from './file-sync.ts';
import { PLACE_NONE } from './file-table.ts';
import { FILES_PER_STEP } from './limits.ts';
import { NO_FILE } from './stamp-table.ts';
import type { Storage } from './storage.ts';
import type { WriteBack } from './write-back.ts';

export class Snapshot {
  readonly #storage: Storage;
  readonly #sync: boolean;
  readonly #writeBack: WriteBack;
  readonly #completions: CompletionBatch;
  readonly #verified: Uint8Array;
  readonly #partials: readonly PartialPieceRecord[];
  #next = 0;

  /** Nothing of the storage is held. */
  constructor(storage: Storage, sync: boolean, writeBack: WriteBack, completions: CompletionBatch) {
    this.#storage = storage;
    this.#sync = sync;
    this.#writeBack = writeBack;
    this.#completions = completions;
    this.#verified = storage.verified.bytes();
    this.#partials = partialsOf(storage);
  }

  /** Does some of the work; true while there is more. Reports its own completion. */
  step(): boolean {
    const { failure } = this.#storage;
    if (failure !== null) return this.#fail(failure);
    try {
      if (this.#settleSome()) return true;
    } catch (error) {
      const cause = error instanceof SyncError ? error.cause : error;
      const met = failureOf(cause);
      if (error instanceof SyncError) this.#writeBack.fail(this.#storage, met);
      return this.#fail(met);
    }
    this.#tell();
    return false;
  }

  /** Stamps files up to one that is synced; false when there are no more. */
  #settleSome(): boolean {
    const { fileSync, files } = this.#storage;
    for (let stamped = 0; stamped < FILES_PER_STEP; stamped++) {
      const file = files.stamps.nextChanged(this.#next, this.#sync);
      if (file < 0) return false;
      // The mark stays when this throws, so the next snapshot tries again.
      const wasSynced = fileSync.settle(file, this.#sync);
      this.#next = file + 1;
      if (wasSynced) break;
    }
    return true;
  }

  #tell(): void {
    const { id, layout, verified } = this.#storage;
    // A piece that was hashed again meanwhile, and did not match, is no longer claimed.
    const now = verified.bytes();
    for (let i = 0; i < now.length; i++) this.#verified[i]! &= now[i]!;
    this.#storage.hasSnapshot = true;
    const resume = {
      pieceCount: layout.pieceCount,
      verified: this.#verified,
      partials: this.#partials,
      files: stampsOf(this.#storage),
      // Which boot it is, and whether that matters, is the business of whoever asked.
      bootId: null,
    };
    this.#completions.snapshot(id, resume, null);
  }

  #fail(failure: Failure): false {
    this.#completions.snapshot(this.#storage.id, null, failure);
    return false;
  }
}

/** What is written of pieces that are not hashed. */
function partialsOf(storage: Storage): PartialPieceRecord[] {
  const partials: PartialPieceRecord[] = [];
  for (const tracked of storage.tracked.values()) {
    if (tracked.arrivedCount === 0) continue;
    const blocks = new BitSet(tracked.blockCount);
    for (let block = 0; block < tracked.blockCount; block++)
      if (tracked.arrived[block] === 1) blocks.add(block);
    partials.push({ piece: tracked.piece, blocks: blocks.bytes });
  }
  return partials;
}

/** The stamps of the files that claims may rely on. */
function stampsOf(storage: Storage): FileStamps {
  const { files, layout, parts, spec } = storage;
  const { place } = files.table;
  const stamps = files.stamps.copy();
  const drop = (file: number): void => {
    stamps.lengths[file] = NO_FILE;
    stamps.modifiedAt[file] = 0;
  };
  for (let file = 0; file < spec.files.length; file++) {
    if (place[file] === PLACE_NONE || files.stamps.isUnsound(file)) drop(file);
  }
  if (files.stamps.isUnsound(files.stamps.parts)) drop(files.stamps.parts);
  // Of such a piece the unwanted bytes came from the parts file, whatever the unwanted file itself contains.
  for (const piece of parts.pieces()) {
    const end = layout.endFileOf(piece);
    for (let file = layout.firstFileOf(piece); file < end; file++)
      if (!spec.files[file]!.isWanted) drop(file);
  }
  return stamps;
}
