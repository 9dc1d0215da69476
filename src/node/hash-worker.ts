/**
 * Entry of a hash worker: takes batches of pieces that no other worker has, hashes them, until there are none. It never
 * waits, so it needs no messages in; `terminate` ends it at any moment.
 *
 * `workerData` is {@link HashWorkerData}; messages out are {@link HashWorkerMessage}.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { BulkHasher } from '../disk/bulk-hasher.ts';
import { type HashPlan, type HashResults, PIECE_OPEN, PIECE_UNREADABLE } from '../disk/hash-plan.ts';
import type { FailureCode } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import { NodeBulkDigests } from './bulk-digests.ts';
import { NodeFileSystem } from './file-system.ts';

export interface HashWorkerData {
  readonly plan: HashPlan;
  readonly results: HashResults;
  /** Shared: the first piece that no worker has taken. */
  readonly next: Int32Array;
  readonly batchPieces: number;
  /** A file that cannot be read costs its pieces only, instead of ending the work. */
  readonly isTolerant: boolean;
}

export type HashWorkerMessage =
  | { readonly kind: 'bytes'; readonly count: number }
  | {
      readonly kind: 'failure';
      readonly code: FailureCode;
      readonly operation: string;
      readonly path: string;
    };

/** Bytes between two messages about progress. */
const REPORT_BYTES = 8 << 20;

class HashWorker {
  readonly #data: HashWorkerData;
  readonly #hasher: BulkHasher;
  readonly #layout: FileLayout;
  readonly #post: (message: HashWorkerMessage) => void;
  readonly #failedPaths = new Set<string>();
  #unreported = 0;

  constructor(data: HashWorkerData, post: (message: HashWorkerMessage) => void) {
    this.#data = data;
    this.#post = post;
    this.#layout = new FileLayout(data.plan.lengths, data.plan.pieceLength);
    this.#hasher = new BulkHasher({
      plan: data.plan,
      layout: this.#layout,
      results: data.results,
      fileSystem: new NodeFileSystem(),
      digests: new NodeBulkDigests(),
      onBytes: (count) => this.#onBytes(count),
    });
  }

  run(): void {
    const { next, batchPieces } = this.#data;
    const { pieceCount } = this.#layout;
    for (;;) {
      const first = Atomics.add(next, 0, batchPieces);
      if (first >= pieceCount || !this.#hashBatch(first, Math.min(first + batchPieces, pieceCount))) break;
    }
    this.#report();
  }

  /** Hashes what is open of a batch; false when the work is over because of a failure. */
  #hashBatch(first: number, end: number): boolean {
    const { states } = this.#data.results;
    for (let piece = first; piece < end; ) {
      if (states[piece] !== PIECE_OPEN) {
        piece++;
        continue;
      }
      let runEnd = piece + 1;
      while (runEnd < end && states[runEnd] === PIECE_OPEN) runEnd++;
      if (!this.#hashRun(piece, runEnd)) return false;
      piece = runEnd;
    }
    return true;
  }

  #hashRun(first: number, end: number): boolean {
    if (this.#tryHash(first, end)) return true;
    if (!this.#data.isTolerant) return false;
    for (let piece = first; piece < end; piece++) {
      if (!this.#tryHash(piece, piece + 1)) this.#data.results.states[piece] = PIECE_UNREADABLE;
    }
    return true;
  }

  #tryHash(first: number, end: number): boolean {
    try {
      this.#hasher.hash(first, end);
      return true;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      if (!this.#failedPaths.has(error.path)) {
        this.#failedPaths.add(error.path);
        this.#post({ kind: 'failure', code: error.code, operation: error.operation, path: error.path });
      }
      return false;
    }
  }

  #onBytes(count: number): void {
    this.#unreported += count;
    if (this.#unreported >= REPORT_BYTES) this.#report();
  }

  #report(): void {
    this.#post({ kind: 'bytes', count: this.#unreported });
    this.#unreported = 0;
  }
}

const port = parentPort;
assert(port !== null, 'the hash worker runs as a worker');
new HashWorker(workerData as HashWorkerData, (message) => port.postMessage(message)).run();
