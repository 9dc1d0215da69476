/**
 * The `Disk` port on a worker of its own that runs the disk core: one message with all commands of a turn,
 * messages with batches of completions back, blocks in shared memory.
 *
 * Invariants: completions reach the handler only inside `deliver`; every command has its completion even when
 * the worker dies, which is a bug of ours: it is told once through `onBug`, and every storage fails with
 * `io-error`.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { BLOCK_LENGTH, type PieceIndex, type SlotId, type StorageId } from '../base/numbers.ts';
import { CommandBatch } from '../disk/command-batch.ts';
import { CompletionBatch, type CompletionReceiver } from '../disk/completion-batch.ts';
import { deliverCompletions } from '../disk/deliver-completions.ts';
import { COMPLETION_CLOSED, COMPLETION_LENGTH, type Completions } from '../disk/records.ts';
import type { Disk, DiskHandler, StorageSpec } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { ResumeData } from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import type { DiskWorkerData } from './disk-worker.ts';
import { fairShareOfDescriptors } from './worker-disk-descriptors.ts';
import { OutstandingCommands } from './worker-disk-outstanding.ts';

export interface WorkerDiskOptions {
  /** The arena's memory. */
  readonly memory: SharedArrayBuffer;
  /** Where turns are asked for when there is something to deliver. */
  readonly time: Time;
  /** Files that the disk keeps open at most. Default 64, less where the process may not open many. */
  readonly maxOpenFiles?: number;
  /** Told once when the worker died. The error is the worker's own, or says how it ended. */
  readonly onBug?: (error: Error) => void;
}

const CRASHED: Failure = { code: 'io-error', operation: 'use', detail: 'the disk worker, which crashed' };

export class WorkerDisk implements Disk, CompletionReceiver {
  readonly #time: Time;
  readonly #onBug: (error: Error) => void;
  readonly #worker: Worker;
  readonly #commands = new CommandBatch();
  readonly #outstanding: OutstandingCommands;
  readonly #failed = new CompletionBatch(this);
  #handler: DiskHandler | null = null;
  #arrived: Completions[] = [];
  /** The worker has nothing left to do and is about to end. */
  #hasClosed = false;
  #hasEnded = false;
  #hasCrashed = false;

  /** Starts the worker. It lives until `close`. */
  constructor(options: WorkerDiskOptions) {
    this.#time = options.time;
    this.#onBug = options.onBug ?? (() => {});
    this.#outstanding = new OutstandingCommands(options.memory.byteLength / BLOCK_LENGTH);
    const workerData: DiskWorkerData = {
      memory: options.memory,
      maxOpenFiles: options.maxOpenFiles ?? fairShareOfDescriptors(),
    };
    // The compiler does not rewrite the extension in a URL, and this runs from its sources and compiled.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    this.#worker = new Worker(new URL(`./disk-worker${extension}`, import.meta.url), { workerData });
    this.#worker.on('message', (completions: Completions) => this.#onMessage(completions));
    this.#worker.on('messageerror', (error) => this.#onCrash(error));
    this.#worker.on('error', (error) => this.#onCrash(error));
    this.#worker.on('exit', (code) => this.#onExit(code));
  }

  bind(handler: DiskHandler): void {
    assert(this.#handler === null, 'a disk has one handler');
    this.#handler = handler;
  }

  open(storage: StorageId, spec: StorageSpec, resume: ResumeData | null): void {
    this.#commands.open(storage, spec, resume);
  }

  check(storage: StorageId): void {
    this.#commands.check(storage);
  }

  write(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#commands.write(storage, piece, begin, length, slot);
  }

  read(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void {
    this.#commands.read(storage, piece, begin, length, slot);
  }

  hash(storage: StorageId, piece: PieceIndex): void {
    this.#commands.hash(storage, piece);
  }

  blockDigests(storage: StorageId, piece: PieceIndex): void {
    this.#commands.blockDigests(storage, piece);
  }

  snapshot(storage: StorageId, sync: boolean): void {
    this.#commands.snapshot(storage, sync);
  }

  release(storage: StorageId): void {
    this.#commands.release(storage);
  }

  close(): void {
    this.#commands.close();
  }

  submit(): void {
    if (this.#commands.isEmpty) return;
    const commands = this.#commands.take();
    this.#outstanding.onSubmitted(commands.records);
    if (this.#hasCrashed || this.#hasEnded) this.#failOutstanding();
    else this.#worker.postMessage(commands);
  }

  deliver(): void {
    if (this.#arrived.length === 0) return;
    assert(this.#handler !== null, 'a disk is bound before it is used');
    const arrived = this.#arrived;
    this.#arrived = [];
    for (let i = 0; i < arrived.length; i++) deliverCompletions(arrived[i]!, this.#handler);
  }

  /** Completions that were made on this side. */
  onCompletions(completions: Completions): void {
    this.#arrived.push(completions);
    this.#time.requestTurn();
  }

  #onMessage(completions: Completions): void {
    if (this.#hasCrashed) return;
    const { records } = completions;
    const last = records.length - COMPLETION_LENGTH;
    if (records[last] === COMPLETION_CLOSED) {
      // Told when the thread has ended too: whoever waits for it may count threads.
      this.#hasClosed = true;
      if (last === 0) return;
      const rest = { ...completions, records: records.subarray(0, last) };
      this.#outstanding.onCompleted(rest.records);
      this.onCompletions(rest);
      return;
    }
    this.#outstanding.onCompleted(records);
    this.onCompletions(completions);
  }

  #onExit(code: number): void {
    this.#hasEnded = true;
    if (this.#hasClosed) this.#failOutstanding();
    else this.#onCrash(new Error(`the disk worker ended by itself with code ${code}`));
  }

  #onCrash(error: unknown): void {
    if (this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#failOutstanding();
    this.#onBug(error instanceof Error ? error : new Error(String(error)));
    if (!this.#hasEnded) void this.#worker.terminate();
  }

  /** Completes what the worker can no longer complete; the close itself is no failure. */
  #failOutstanding(): void {
    this.#outstanding.fail(this.#failed, CRASHED);
    this.#failed.send();
  }
}
