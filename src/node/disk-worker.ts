/**
 * Entry of the disk worker: runs the disk core on the real file system, and gives its fences and snapshots time between
 * messages.
 *
 * Owns the worker's pace only. A message is a batch of commands; each batch of completions is a message back.
 * Whatever is thrown here is a bug: it ends the worker, and the other side hears of it through the worker's
 * `error` event.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { arenaViews } from '../base/arena.ts';
import { assert } from '../base/assert.ts';
import type { CompletionReceiver } from '../disk/completion-batch.ts';
import { DiskCore } from '../disk/disk-core.ts';
import { IDLE_FLUSH_MS } from '../disk/limits.ts';
import type { Commands, Completions } from '../disk/records.ts';
import { NodeCrypto } from './crypto.ts';
import { NodeFileSystem } from './file-system.ts';

/** What the worker is started with. */
export interface DiskWorkerData {
  readonly memory: SharedArrayBuffer;
  readonly maxOpenFiles: number;
}

/** Milliseconds of work on fences and snapshots between two looks at what came in. */
const WORK_SLICE_MS = 4;

assert(parentPort !== null, 'the disk worker runs as a worker');
const port = parentPort;

class DiskWorker implements CompletionReceiver {
  readonly #core: DiskCore;
  #isStepping = false;
  #isIdleTimed = false;
  #submissions = 0;
  #submissionsBefore = 0;

  constructor(data: DiskWorkerData) {
    this.#core = new DiskCore({
      fileSystem: new NodeFileSystem(),
      crypto: new NodeCrypto(),
      slots: arenaViews(data.memory),
      receiver: this,
      maxOpenFiles: data.maxOpenFiles,
    });
  }

  onCompletions(completions: Completions): void {
    port.postMessage(completions);
  }

  onCommands(commands: Commands): void {
    this.#submissions++;
    this.#core.submit(commands);
    this.#stepSoon();
    this.#flushWhenIdle();
    if (this.#core.isClosed) port.close();
  }

  #stepSoon(): void {
    if (this.#isStepping || !this.#core.hasWork) return;
    this.#isStepping = true;
    setImmediate(() => {
      const end = performance.now() + WORK_SLICE_MS;
      while (this.#core.step() && performance.now() < end);
      this.#isStepping = false;
      this.#stepSoon();
      // What waited behind a fence may be held back now.
      this.#flushWhenIdle();
    });
  }

  #flushWhenIdle(): void {
    if (this.#isIdleTimed || this.#core.heldBlocks === 0) return;
    this.#isIdleTimed = true;
    this.#submissionsBefore = this.#submissions;
    const timer = setTimeout(() => {
      this.#isIdleTimed = false;
      if (this.#submissions === this.#submissionsBefore) this.#core.flushHeld();
      this.#flushWhenIdle();
    }, IDLE_FLUSH_MS);
    timer.unref();
  }
}

const worker = new DiskWorker(workerData as DiskWorkerData);
port.on('message', (commands: Commands) => worker.onCommands(commands));
