/**
 * Owns the hashing of a whole torrent on all cores: as many workers as there are processors (fewer for little data),
 * which take batches of neighbouring pieces from one shared counter, so that they finish together and the device is read
 * almost from front to back. Results are in shared memory.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { HashPlan, HashResults } from '../disk/hash-plan.ts';
import { FileSystemError } from '../ports/file-system.ts';
import type { HashWorkerData, HashWorkerMessage } from './hash-worker.ts';

/** Bytes that a worker takes at a time: enough for a device to read ahead. */
const BATCH_BYTES = 8 << 20;
/** Less data than this is not worth the start of another worker (about 30 ms). */
const WORKER_BYTES = 32 << 20;
/** Each worker costs some 10 MB, and no device feeds more. */
const MAX_WORKERS = 64;
/** Batches that each worker should get at least, for small torrents. */
const BATCHES_PER_WORKER = 4;

export interface HashPoolOptions {
  readonly plan: HashPlan;
  readonly results: HashResults;
  /** Pieces of the plan. */
  readonly pieceCount: number;
  /** Default: one for each processor. */
  readonly workerCount?: number | undefined;
  /** Without it the first file that cannot be read ends the work. With it, told once or more of each such file. */
  readonly onUnreadable?: ((error: FileSystemError) => void) | undefined;
  /** Told of bytes of files that were hashed since it was told last. */
  readonly onBytes?: ((count: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hashes all open pieces of the plan. Rejects with `FileSystemError` when a file cannot be read or has changed, with the
 * signal's reason when that is aborted. No worker is left when it settles.
 */
export async function hashPieces(options: HashPoolOptions): Promise<void> {
  options.signal?.throwIfAborted();
  if (options.pieceCount > 0) await new HashPool(options).run();
}

class HashPool {
  readonly #options: HashPoolOptions;
  readonly #workers: Worker[] = [];
  readonly #done = Promise.withResolvers<void>();
  #runningCount = 0;

  constructor(options: HashPoolOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const onAbort = (): void => this.#done.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#start();
      await this.#done.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    }
  }

  #start(): void {
    const { plan, results, pieceCount, onUnreadable } = this.#options;
    const bytes = pieceCount * plan.pieceLength;
    const useful = Math.min(Math.ceil(bytes / WORKER_BYTES), MAX_WORKERS);
    const count = Math.max(1, Math.min(this.#options.workerCount ?? availableParallelism(), useful));
    const share = Math.ceil(pieceCount / (count * BATCHES_PER_WORKER));
    const data: HashWorkerData = {
      plan,
      results,
      next: new Int32Array(new SharedArrayBuffer(4)),
      batchPieces: Math.max(1, Math.min(Math.floor(BATCH_BYTES / plan.pieceLength), share)),
      isTolerant: onUnreadable !== undefined,
    };
    this.#runningCount = count;
    for (let i = 0; i < count; i++) this.#workers.push(this.#startWorker(data));
  }

  #startWorker(workerData: HashWorkerData): Worker {
    // The compiler does not rewrite the extension in a URL, and this runs from its sources and compiled.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const worker = new Worker(new URL(`./hash-worker${extension}`, import.meta.url), {
      workerData,
      name: 'spate-hash',
    });
    worker.on('message', (message: HashWorkerMessage) => this.#onMessage(message));
    worker.on('error', (error) => this.#done.reject(error));
    worker.on('exit', (code) => this.#onExit(code));
    return worker;
  }

  #onMessage(message: HashWorkerMessage): void {
    if (message.kind === 'bytes') this.#options.onBytes?.(message.count);
    else {
      const error = new FileSystemError(message.code, message.operation, message.path);
      if (this.#options.onUnreadable === undefined) this.#done.reject(error);
      else this.#options.onUnreadable(error);
    }
  }

  #onExit(code: number): void {
    if (code !== 0) this.#done.reject(new Error(`a hash worker ended by itself with code ${code}`));
    if (--this.#runningCount === 0) this.#done.resolve();
  }
}
