/**
 * Owns the completions that the disk core made and that are not sent yet, as records.
 *
 * Invariant: completions leave in the order in which they were made. Hot file: a block costs five stores.
 */
import type { Failure } from '../ports/failure.ts';
import type { PartialPieceRecord, ResumeData } from '../ports/state-store.ts';
import { COMPLETIONS_PER_BATCH } from './limits.ts';
import {
  COMPLETION_BLOCK_DIGESTS,
  COMPLETION_CHECK_PROGRESS,
  COMPLETION_CHECKED,
  COMPLETION_CLOSED,
  COMPLETION_FILE_COMPLETED,
  COMPLETION_HASHED,
  COMPLETION_LENGTH,
  COMPLETION_OPENED,
  COMPLETION_READ,
  COMPLETION_RELEASED,
  COMPLETION_SNAPSHOT,
  COMPLETION_WRITTEN,
  type Completions,
  NO_FAILURE,
  NO_SNAPSHOT,
  withRoom,
} from './records.ts';

/** Takes completions to the engine's side. */
export interface CompletionReceiver {
  /** The receiver owns what it is given. */
  onCompletions(completions: Completions): void;
}

export class CompletionBatch {
  readonly #receiver: CompletionReceiver;
  #records = new Int32Array(2 * COMPLETIONS_PER_BATCH * COMPLETION_LENGTH);
  #used = 0;
  #failures: Failure[] = [];
  #bytes: Uint8Array[] = [];
  #partials: (readonly PartialPieceRecord[])[] = [];
  #snapshots: ResumeData[] = [];

  constructor(receiver: CompletionReceiver) {
    this.#receiver = receiver;
  }

  opened(storage: number, failure: Failure | null): void {
    this.#add(COMPLETION_OPENED, storage, 0, 0, failure);
  }

  checkProgress(storage: number, checkedPieces: number): void {
    this.#add(COMPLETION_CHECK_PROGRESS, storage, checkedPieces, 0, null);
  }

  /** Takes ownership of `have` and `partials`. */
  checked(
    storage: number,
    have: Uint8Array,
    partials: readonly PartialPieceRecord[],
    failure: Failure | null,
  ): void {
    const haveIndex = this.#bytes.push(have) - 1;
    this.#add(COMPLETION_CHECKED, storage, haveIndex, this.#partials.push(partials) - 1, failure);
  }

  /** Takes ownership of `snapshot`. */
  snapshot(storage: number, snapshot: ResumeData | null, failure: Failure | null): void {
    const index = snapshot === null ? NO_SNAPSHOT : this.#snapshots.push(snapshot) - 1;
    this.#add(COMPLETION_SNAPSHOT, storage, index, 0, failure);
  }

  written(storage: number, slot: number, failure: Failure | null): void {
    this.#add(COMPLETION_WRITTEN, storage, slot, 0, failure);
  }

  read(storage: number, slot: number, failure: Failure | null): void {
    this.#add(COMPLETION_READ, storage, slot, 0, failure);
  }

  hashed(storage: number, piece: number, matches: boolean, failure: Failure | null): void {
    this.#add(COMPLETION_HASHED, storage, piece, matches ? 1 : 0, failure);
  }

  /** Takes ownership of `digests`. */
  blockDigests(storage: number, piece: number, digests: Uint8Array, failure: Failure | null): void {
    this.#add(COMPLETION_BLOCK_DIGESTS, storage, piece, this.#bytes.push(digests) - 1, failure);
  }

  fileCompleted(storage: number, file: number, failure: Failure | null): void {
    this.#add(COMPLETION_FILE_COMPLETED, storage, file, 0, failure);
  }

  released(storage: number, failure: Failure | null): void {
    this.#add(COMPLETION_RELEASED, storage, 0, 0, failure);
  }

  closed(): void {
    this.#add(COMPLETION_CLOSED, 0, 0, 0, null);
  }

  /** Sends what is there when it is enough for a batch of its own. */
  sendWhenLong(): void {
    if (this.#used >= COMPLETIONS_PER_BATCH * COMPLETION_LENGTH) this.send();
  }

  /** Sends what is there. */
  send(): void {
    if (this.#used === 0) return;
    const records = this.#records.slice(0, this.#used);
    const completions = {
      records,
      failures: this.#failures,
      bytes: this.#bytes,
      partials: this.#partials,
      snapshots: this.#snapshots,
    };
    this.#used = 0;
    if (this.#failures.length > 0) this.#failures = [];
    if (this.#bytes.length > 0) this.#bytes = [];
    if (this.#partials.length > 0) this.#partials = [];
    if (this.#snapshots.length > 0) this.#snapshots = [];
    this.#receiver.onCompletions(completions);
  }

  #add(completion: number, storage: number, third: number, fourth: number, failure: Failure | null): void {
    this.#records = withRoom(this.#records, this.#used, COMPLETION_LENGTH);
    const records = this.#records;
    const at = this.#used;
    records[at] = completion;
    records[at + 1] = storage;
    records[at + 2] = third;
    records[at + 3] = fourth;
    records[at + 4] = failure === null ? NO_FAILURE : this.#indexOf(failure);
    this.#used = at + COMPLETION_LENGTH;
  }

  /** A failed storage gives back hundreds of slots with one and the same failure: it is sent once. */
  #indexOf(failure: Failure): number {
    const last = this.#failures.length - 1;
    return last >= 0 && this.#failures[last] === failure ? last : this.#failures.push(failure) - 1;
  }
}
