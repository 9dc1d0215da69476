/**
 * Owns one direction of a host's line to the world: chunks pass it one after the other at its rate.
 *
 * Upwards it takes one chunk from each waiting stream in turn (fair queueing), so what waits stays in the streams' send
 * buffers, whose size is the bound. Downwards chunks queue as they arrive, bounded by the receive windows of the streams.
 * A line without a limit of its rate delays nothing.
 */
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { Chunk } from './chunk.ts';
import type { Scheduler } from './scheduler.ts';

/** Places at the front that were served are removed when there are this many. */
const COMPACT_AT = 256;

/** Has chunks to send. */
export interface ChunkSource {
  /** The next chunk, or null when there is none now. */
  nextChunk(): Chunk | null;
  /** `chunk` has passed the line. May wait again with {@link UpLink.wait}. */
  onChunkSent(chunk: Chunk): void;
}

export class UpLink implements TimerOwner {
  readonly #scheduler: Scheduler;
  readonly #bytesPerMs: number;
  readonly #timer = new Timer(this);
  readonly #waiting: ChunkSource[] = [];
  #source: ChunkSource | null = null;
  #chunk: Chunk | null = null;
  #isServing = false;

  constructor(scheduler: Scheduler, bytesPerSecond: number) {
    this.#scheduler = scheduler;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** `source` has a chunk to send and waits for its turn. It waits once at a time. */
  wait(source: ChunkSource): void {
    this.#waiting.push(source);
    if (!this.#isServing) this.#serve();
  }

  onTimer(): void {
    const chunk = this.#chunk!;
    const source = this.#source!;
    this.#chunk = null;
    this.#source = null;
    source.onChunkSent(chunk);
    this.#serve();
  }

  #serve(): void {
    this.#isServing = true;
    while (this.#chunk === null) {
      const source = this.#waiting.shift();
      if (source === undefined) break;
      const chunk = source.nextChunk();
      if (chunk === null) continue;
      if (this.#bytesPerMs === Number.POSITIVE_INFINITY) {
        source.onChunkSent(chunk);
        continue;
      }
      this.#chunk = chunk;
      this.#source = source;
      this.#scheduler.schedule(this.#timer, this.#scheduler.now + chunk.wireLength / this.#bytesPerMs);
    }
    this.#isServing = this.#chunk !== null;
  }
}

export class DownLink implements TimerOwner {
  readonly #scheduler: Scheduler;
  readonly #bytesPerMs: number;
  readonly #timer = new Timer(this);
  readonly #queue: Chunk[] = [];
  #first = 0;

  constructor(scheduler: Scheduler, bytesPerSecond: number) {
    this.#scheduler = scheduler;
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** `chunk` arrives at the far end of the line; its receiver gets it when it has passed. */
  accept(chunk: Chunk): void {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) {
      chunk.receiver.onChunkReceived(chunk);
      return;
    }
    this.#queue.push(chunk);
    if (!this.#timer.isScheduled) this.#serve();
  }

  onTimer(): void {
    const chunk = this.#queue[this.#first++]!;
    if (this.#first === this.#queue.length || this.#first >= COMPACT_AT) {
      this.#queue.splice(0, this.#first);
      this.#first = 0;
    }
    if (this.#queue.length > 0) this.#serve();
    chunk.receiver.onChunkReceived(chunk);
  }

  #serve(): void {
    const chunk = this.#queue[this.#first]!;
    this.#scheduler.schedule(this.#timer, this.#scheduler.now + chunk.wireLength / this.#bytesPerMs);
  }
}
