/**
 * Owns one direction of a connection: bytes from the writer's send buffer over two lines into the reader's hands, in
 * order, each once.
 *
 * What was written is unsent until, after the call, the system takes it, up to {@link SEND_BUFFER_BYTES} at a time. At most
 * {@link WINDOW_BYTES} are under way or unread, so a reader that pauses stops the writer. Acknowledgements travel at once: a
 * stream's rate is bounded by window / one-way latency. A lost packet shows as a delay, as it does to users of TCP.
 * Invariants: `#outstanding` is the bytes sent and not yet read; arrivals are in order of sending.
 */
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import { ByteQueue } from './byte-queue.ts';
import {
  CHUNK_DATA,
  CHUNK_FINISH,
  CHUNK_RESET,
  type Chunk,
  type ChunkReceiver,
  createChunk,
} from './chunk.ts';
import type { ChunkSource } from './link.ts';
import type { Network } from './network.ts';
import type { SimHost } from './sim-host.ts';

/** What the system of a host takes of a connection before it makes the writer wait. */
export const SEND_BUFFER_BYTES = 128 * 1024;
/** What may be under way or unread: two windows of 10 ms at 100 Mbit/s. */
export const WINDOW_BYTES = 256 * 1024;
/** Longest piece of a stream that travels as one event. */
export const MAX_CHUNK_BYTES = 32 * 1024;
/** A window with less room waits for more, or chunks would become ever smaller ("silly window"). */
const LEAST_WINDOW_BYTES = 16 * 1024;
/** One chunk in so many is cut at a random place, so that readers meet messages split anywhere. */
const CUT_ONE_IN = 6;
/** What a lost packet costs until it is sent again (the usual least time-out of TCP). */
const RETRANSMISSION_MS = 200;

const TIMER_ARRIVAL = 0;
const TIMER_FLUSH = 1;

const NO_BYTES = new Uint8Array(0);

/** The writer's end. Its methods are called from events or from inside `write`, so they only take notes. */
export interface StreamWriter {
  /** All that was written has been accepted by the system. */
  onAccepted(): void;
  onFinishSent(): void;
  /** Bytes reached a host that is not there; no acknowledgement will come. */
  onLost(): void;
}

export class Stream implements ChunkSource, ChunkReceiver, TimerOwner {
  readonly #network: Network;
  readonly #from: SimHost;
  readonly #writer: StreamWriter;
  #to: SimHost | null = null;
  #reader: ChunkReceiver | null = null;
  readonly #pending = new ByteQueue();
  readonly #flight: Chunk[] = [];
  readonly #arrival = new Timer(this, TIMER_ARRIVAL);
  readonly #flushing = new Timer(this, TIMER_FLUSH);
  /** Bytes of `#pending` that the system has taken. */
  #accepted = 0;
  #lastArrival = 0;
  #outstanding = 0;
  #isWaiting = false;
  #finishAsked = false;
  #resetAsked = false;
  /** CHUNK_FINISH or CHUNK_RESET when that was the last to be sent, else CHUNK_DATA. */
  #ended: number = CHUNK_DATA;

  constructor(network: Network, from: SimHost, writer: StreamWriter) {
    this.#network = network;
    this.#from = from;
    this.#writer = writer;
  }

  /** The connection stands: what was written travels to `reader` at `to`, to arrive at `notBefore` or later. */
  open(to: SimHost, reader: ChunkReceiver, notBefore: number): void {
    if (this.#to !== null) return;
    this.#to = to;
    this.#reader = reader;
    this.#lastArrival = notBefore;
    this.#flush();
  }

  /** Bytes written and not yet accepted by the system. */
  get unsentBytes(): number {
    return this.#pending.length - this.#accepted;
  }

  /** Its end was sent. */
  get isOver(): boolean {
    return this.#ended !== CHUNK_DATA;
  }

  write(bytes: Uint8Array): void {
    if (this.#finishAsked || this.#resetAsked) return;
    this.#pending.push(bytes);
    this.#flushSoon();
  }

  /** Ends the stream behind what was written. */
  finish(): void {
    this.#finishAsked = true;
    this.#flushSoon();
  }

  /** Ends the stream behind what the system accepted; the rest is dropped, as when a program closes its socket. */
  abandon(): void {
    const accepted = this.#pending.take(this.#accepted);
    this.#pending.clear();
    this.#pending.push(accepted);
    this.finish();
  }

  /** The writer's machine went dark: nothing more is sent, unless a reset is asked for when it is back. */
  cut(): void {
    this.#pending.clear();
    this.#accepted = 0;
    this.#finishAsked = false;
    this.#resetAsked = false;
  }

  /** Ends the stream now; what is under way still arrives first. */
  reset(): void {
    this.#pending.clear();
    this.#accepted = 0;
    this.#resetAsked = true;
    this.#poke();
  }

  /** The reader took `count` bytes. */
  onRead(count: number): void {
    this.#outstanding -= count;
    this.#poke();
  }

  nextChunk(): Chunk | null {
    this.#isWaiting = false;
    if (!this.#hasChunk()) return null;
    if (this.#resetAsked) return this.#end(CHUNK_RESET);
    if (this.#pending.length === 0) return this.#end(CHUNK_FINISH);
    const room = Math.min(WINDOW_BYTES - this.#outstanding, this.#accepted, MAX_CHUNK_BYTES);
    const random = this.#network.random;
    const length = random.below(CUT_ONE_IN) === 0 ? 1 + random.below(room) : room;
    this.#outstanding += length;
    this.#accepted -= length;
    return createChunk(CHUNK_DATA, this.#pending.take(length), this);
  }

  onChunkSent(chunk: Chunk): void {
    const network = this.#network;
    let delay = network.delay(this.#from, this.#to!);
    if (network.losesPacket(this.#from, this.#to!)) delay += RETRANSMISSION_MS + delay;
    chunk.arrivesAt = Math.max(network.scheduler.now + delay, this.#lastArrival);
    this.#lastArrival = chunk.arrivesAt;
    this.#flight.push(chunk);
    if (this.#flight.length === 1) network.scheduler.schedule(this.#arrival, chunk.arrivesAt);
    if (chunk.kind === CHUNK_FINISH) this.#writer.onFinishSent();
    this.#flush();
  }

  onTimer(kind: number): void {
    if (kind === TIMER_FLUSH) this.#flush();
    else this.#onArrival();
  }

  #onArrival(): void {
    const chunk = this.#flight.shift()!;
    const next = this.#flight[0];
    if (next !== undefined) this.#network.scheduler.schedule(this.#arrival, next.arrivesAt);
    if (this.#to!.isVanished) this.#writer.onLost();
    else this.#network.downLink(this.#from, this.#to!).accept(chunk);
  }

  onChunkReceived(chunk: Chunk): void {
    this.#reader!.onChunkReceived(chunk);
  }

  #end(kind: number): Chunk {
    this.#ended = kind;
    return createChunk(kind, NO_BYTES, this);
  }

  #hasChunk(): boolean {
    if (this.#ended === CHUNK_RESET) return false;
    // A stream that is finished may still be reset: data came for a connection that is closed.
    if (this.#resetAsked) return true;
    if (this.#ended === CHUNK_FINISH) return false;
    if (this.#pending.length > 0) {
      const least = Math.min(this.#accepted, LEAST_WINDOW_BYTES);
      return least > 0 && WINDOW_BYTES - this.#outstanding >= least;
    }
    return this.#finishAsked;
  }

  /** Writes of one instant are joined, and none is sent within the call. */
  #flushSoon(): void {
    const { scheduler } = this.#network;
    if (!this.#flushing.isScheduled) scheduler.schedule(this.#flushing, scheduler.now);
  }

  /** The system takes what it has room for. */
  #flush(): void {
    if (this.#to === null) return;
    const before = this.unsentBytes;
    this.#accepted = Math.min(this.#pending.length, SEND_BUFFER_BYTES);
    if (before > 0 && this.unsentBytes === 0) this.#writer.onAccepted();
    this.#poke();
  }

  #poke(): void {
    if (this.#to === null || this.#isWaiting || !this.#hasChunk()) return;
    this.#isWaiting = true;
    this.#network.upLink(this.#from, this.#to).wait(this);
  }
}
