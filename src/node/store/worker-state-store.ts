/**
 * The `StateStore` port on a worker of its own that runs SQLite.
 *
 * Owns the worker and its messages; what goes when is the business of the front (state-store-front.ts). A worker that dies
 * is a bug of ours: it is told once through `onBug`, every answer that is due comes with a failure, and from then on there
 * is no state.
 */
import { Worker } from 'node:worker_threads';
import type { StateFailure, StateStore, StateStoreHandler, TorrentUpdate } from '../../ports/state-store.ts';
import type { Time } from '../../ports/time.ts';
import {
  StateStoreFront,
  type StoreAnswer,
  type StoreCommand,
  type StoreExecutor,
} from '../../store/state-store-front.ts';
import type { StoreWorkerData } from './store-worker.ts';

export interface WorkerStateStoreOptions {
  /** Absolute path of the state folder. */
  readonly folder: string;
  /** Where turns are asked for when there is something to deliver. */
  readonly time: Time;
  /** Told once when the worker died. The error is the worker's own, or says how it ended. */
  readonly onBug?: (error: Error) => void;
}

const CRASHED: StateFailure = {
  code: 'io-error',
  operation: 'use',
  detail: 'the store worker, which crashed',
};

export class WorkerStateStore implements StateStore, StoreExecutor {
  readonly #onBug: (error: Error) => void;
  readonly #worker: Worker;
  readonly #front: StateStoreFront;
  #timer: NodeJS.Timeout | null = null;
  #isClosing = false;
  #hasCrashed = false;

  /** Starts the worker. It lives until `close`. */
  constructor(options: WorkerStateStoreOptions) {
    this.#onBug = options.onBug ?? (() => {});
    this.#front = new StateStoreFront(options.time, this);
    const workerData: StoreWorkerData = { folder: options.folder };
    // The compiler does not rewrite the extension in a URL, and this runs from its sources and compiled.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    this.#worker = new Worker(new URL(`./store-worker${extension}`, import.meta.url), {
      workerData,
      name: 'spate-store',
    });
    this.#worker.on('message', (answer: StoreAnswer) => this.#front.onAnswer(answer));
    this.#worker.on('messageerror', (error) => this.#onCrash(error));
    this.#worker.on('error', (error) => this.#onCrash(error));
    this.#worker.on('exit', (code) => this.#onExit(code));
  }

  // StateStore

  bind(handler: StateStoreHandler): void {
    this.#front.bind(handler);
  }

  open(): void {
    this.#front.open();
  }

  loadMetainfo(infoHash: string): void {
    this.#front.loadMetainfo(infoHash);
  }

  save(update: TorrentUpdate): void {
    this.#front.save(update);
  }

  remove(infoHash: string): void {
    this.#front.remove(infoHash);
  }

  flush(): void {
    this.#front.flush();
  }

  close(): void {
    this.#front.close();
  }

  deliver(): void {
    this.#front.deliver();
  }

  // StoreExecutor

  send(command: StoreCommand): void {
    if (command.kind === 'close') this.#isClosing = true;
    this.#worker.postMessage(command);
  }

  arm(delayMs: number): void {
    this.disarm();
    this.#timer = setTimeout(() => this.#front.onTimer(), delayMs);
  }

  disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #onExit(code: number): void {
    if (!this.#isClosing) this.#onCrash(new Error(`the store worker ended by itself with code ${code}`));
    this.#front.onEnded(CRASHED);
  }

  #onCrash(error: unknown): void {
    if (this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#onBug(error instanceof Error ? error : new Error(String(error)));
    // The exit follows, and with it the answers that are due.
    void this.#worker.terminate();
  }
}
