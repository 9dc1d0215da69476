/**
 * Owns our requests outstanding at one peer, and how many there should be.
 *
 * Depth: a new peer starts with a few requests and gets one more for each block that it sends (so the queue doubles each
 * round trip) until its rate stops growing; from then on the queue holds what the peer sends in `REQUEST_QUEUE_MS`.
 * A released request is one that others may fetch now: the peer chokes us or is late, or we cancelled it. Its block may
 * still come, and is then told from data that nobody asked for. One that was not cancelled can be reclaimed.
 *
 * Invariants: entries are in order of sending; at most `CAPACITY`; live + released = length. Hot file: a ring of typed
 * arrays; blocks mostly come in order, so a search ends at the first entry.
 */
import { assert } from '../base/assert.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import { REQUEST_QUEUE_MS, REQUESTS_FIRST, REQUESTS_MAX, REQUESTS_MIN } from './limits.ts';

/** Live and released entries; a power of two above twice the depth. */
const CAPACITY = 1024;
const MASK = CAPACITY - 1;
const LIVE = 0;
const RELEASED = 1;
const CANCELLED = 2;
/** How often the rate is compared while the queue still grows. */
const RAMP_MS = 1000;
/** Growth of the rate in that time below which the peer's limit is reached. */
const RAMP_GROWTH = 1.1;

export class RequestQueue {
  /** Requests that others may not count on: the peer owes them. */
  live = 0;
  /** When the peer last sent a whole block, or got its first request after having owed none. */
  lastProgressAt = 0;
  isSnubbed = false;
  #length = 0;
  #head = 0;
  #isRamping = true;
  #rampRate = 0;
  /** When the rate was last compared; -1 before the first block. */
  #rampAt = -1;
  #target = REQUESTS_FIRST;
  readonly #pieces = new Int32Array(CAPACITY);
  readonly #blocks = new Int32Array(CAPACITY);
  readonly #states = new Uint8Array(CAPACITY);
  readonly #sentAt = new Float64Array(CAPACITY);

  get length(): number {
    return this.#length;
  }

  get hasRoom(): boolean {
    return this.#length < CAPACITY;
  }

  /** How many live requests the peer should have. */
  get target(): number {
    return this.isSnubbed ? 1 : this.#target;
  }

  pieceAt(index: number): number {
    return this.#pieces[(this.#head + index) & MASK]!;
  }

  blockAt(index: number): number {
    return this.#blocks[(this.#head + index) & MASK]!;
  }

  isReleasedAt(index: number): boolean {
    return this.#states[(this.#head + index) & MASK] !== LIVE;
  }

  isCancelledAt(index: number): boolean {
    return this.#states[(this.#head + index) & MASK] === CANCELLED;
  }

  sentAtOf(index: number): number {
    return this.#sentAt[(this.#head + index) & MASK]!;
  }

  push(piece: number, block: number, now: number): void {
    assert(this.#length < CAPACITY, 'request queue is full');
    if (this.live === 0) this.lastProgressAt = now;
    const at = (this.#head + this.#length) & MASK;
    this.#pieces[at] = piece;
    this.#blocks[at] = block;
    this.#states[at] = LIVE;
    this.#sentAt[at] = now;
    this.#length++;
    this.live++;
  }

  /** Index of the entry for the block, or -1. */
  find(piece: number, block: number): number {
    for (let index = 0; index < this.#length; index++) {
      const at = (this.#head + index) & MASK;
      if (this.#pieces[at] === piece && this.#blocks[at] === block) return index;
    }
    return -1;
  }

  /** Marks an entry: the peer may still send it, but others may fetch it; `isCancelled` when the peer was told. */
  release(index: number, isCancelled: boolean): void {
    const at = (this.#head + index) & MASK;
    assert(this.#states[at] === LIVE, 'a request is released once');
    this.#states[at] = isCancelled ? CANCELLED : RELEASED;
    this.live--;
  }

  /** The peer owes a released block again, without being asked again: the first request still stands. */
  reclaim(index: number, now: number): void {
    const at = (this.#head + index) & MASK;
    assert(this.#states[at] === RELEASED, 'only a request that still stands is reclaimed');
    if (this.live === 0) this.lastProgressAt = now;
    this.#states[at] = LIVE;
    this.live++;
  }

  /** Takes an entry out. */
  remove(index: number): void {
    const at = (this.#head + index) & MASK;
    if (this.#states[at] === LIVE) this.live--;
    if (index === 0) {
      this.#head = (this.#head + 1) & MASK;
    } else {
      for (let i = index; i < this.#length - 1; i++) this.#move(i + 1, i);
    }
    this.#length--;
  }

  /** Forgets released entries: nothing of what was asked before will come any more. */
  dropReleased(): void {
    let kept = 0;
    for (let index = 0; index < this.#length; index++) {
      if (this.isReleasedAt(index)) continue;
      if (kept !== index) this.#move(index, kept);
      kept++;
    }
    this.#length = kept;
  }

  /** Forgets the oldest released entries when the ring has little room left. */
  makeRoom(): void {
    if (this.#length > CAPACITY - REQUESTS_MAX) this.dropReleased();
  }

  /**
   * A whole block came; adapts the depth. `rate` is the peer's rate in bytes a second, `limit` the most that
   * the arena and the peer allow.
   */
  onBlock(now: number, rate: number, limit: number): void {
    this.lastProgressAt = now;
    this.isSnubbed = false;
    if (this.#isRamping) {
      this.#target++;
      if (this.#rampAt < 0 || now - this.#rampAt >= RAMP_MS) {
        if (this.#rampAt >= 0 && rate < this.#rampRate * RAMP_GROWTH) this.#isRamping = false;
        this.#rampRate = rate;
        this.#rampAt = now;
      }
    } else {
      this.#target = Math.ceil((rate * REQUEST_QUEUE_MS) / 1000 / BLOCK_LENGTH);
    }
    this.#target = Math.max(REQUESTS_MIN, Math.min(this.#target, limit, REQUESTS_MAX));
  }

  /** The peer owes blocks and sends none: ask for one at a time, and find its pace anew when it comes back. */
  onSnubbed(): void {
    this.isSnubbed = true;
    this.#isRamping = true;
    this.#rampAt = -1;
    this.#rampRate = 0;
    this.#target = REQUESTS_FIRST;
  }

  #move(from: number, to: number): void {
    const source = (this.#head + from) & MASK;
    const target = (this.#head + to) & MASK;
    this.#pieces[target] = this.#pieces[source]!;
    this.#blocks[target] = this.#blocks[source]!;
    this.#states[target] = this.#states[source]!;
    this.#sentAt[target] = this.#sentAt[source]!;
  }
}
