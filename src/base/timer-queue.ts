/**
 * Owns all timers of one engine: an intrusive binary heap ordered by due time, then by order of scheduling.
 *
 * A timer is a long-lived object that its owner makes once and schedules again and again, so that nothing is
 * allocated for a time-out. Invariants: a scheduled timer is in exactly one place of the heap and knows its
 * place; equal due times fire in the order in which they were scheduled, which keeps replays exact. A heap and not a
 * wheel: with one timer for each peer a few thousand are alive, and the heap needs no tick.
 */
import { assert } from './assert.ts';

/** Gets the call when its timer is due. One owner may have several timers, told apart by `kind`. */
export interface TimerOwner {
  onTimer(kind: number): void;
}

export class Timer {
  readonly owner: TimerOwner;
  readonly kind: number;
  /** Due time in milliseconds of the engine's clock; meaningful while scheduled. */
  at = 0;
  /** Position in the heap, or -1. Owned by {@link TimerQueue}. */
  place = -1;
  /** Order of scheduling. Owned by {@link TimerQueue}. */
  sequence = 0;

  constructor(owner: TimerOwner, kind = 0) {
    this.owner = owner;
    this.kind = kind;
  }

  get isScheduled(): boolean {
    return this.place >= 0;
  }
}

export class TimerQueue {
  readonly #heap: Timer[] = [];
  #sequence = 0;
  /** While `runDue` runs its `now`: nothing scheduled meanwhile may overtake what is due already. */
  #earliest = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#heap.length;
  }

  /** Due time of the earliest timer, or Infinity. */
  get nextAt(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.at;
  }

  /** Schedules `timer` for `at`, within `runDue` for its `now` at the earliest; one that is scheduled is moved. */
  schedule(timer: Timer, at: number): void {
    if (!Number.isFinite(at)) assert(false, `timer scheduled for ${at}`);
    timer.at = Math.max(at, this.#earliest);
    timer.sequence = ++this.#sequence;
    if (timer.place < 0) {
      timer.place = this.#heap.length;
      this.#heap.push(timer);
      this.#up(timer.place);
    } else {
      this.#up(timer.place);
      this.#down(timer.place);
    }
  }

  /** Takes `timer` out; harmless when it is not scheduled. */
  cancel(timer: Timer): void {
    const place = timer.place;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#heap.pop()!;
    if (last === timer) return;
    this.#heap[place] = last;
    last.place = place;
    this.#up(place);
    this.#down(last.place);
  }

  /**
   * Fires every timer that is due at `now`. One that an owner schedules during the call for `now` or earlier waits
   * for the next call, so that the call ends.
   */
  runDue(now: number): void {
    const newest = this.#sequence;
    this.#earliest = now;
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.at > now || first.sequence > newest) break;
      this.cancel(first);
      first.owner.onTimer(first.kind);
    }
    this.#earliest = Number.NEGATIVE_INFINITY;
  }

  #up(from: number): void {
    const heap = this.#heap;
    const timer = heap[from]!;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      heap[place]!.place = place;
      place = parent;
    }
    heap[place] = timer;
    timer.place = place;
  }

  #down(from: number): void {
    const heap = this.#heap;
    const timer = heap[from]!;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, timer)) break;
      heap[place] = heap[child]!;
      heap[place]!.place = place;
      place = child;
    }
    heap[place] = timer;
    timer.place = place;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
