/**
 * Owns the events that wait for a slow reader: bounded, in order, and the engine never waits for it.
 *
 * A `progress` event is a state and not a fact, so only the newest of each torrent waits, behind all facts.
 * Facts are never dropped. They are bounded by a limit instead: past it the queue is full for good, and its
 * host ends the engine with a clear error, because the alternatives (to lose facts, to eat memory, to hold up
 * peers) are worse; what is verified is on disk, and a new start goes on from there.
 */
import type { ClientEvent } from './api.ts';

/** Facts that may wait: at some 200 bytes each 20 MB, and more pieces than nearly all torrents have. */
export const MAX_WAITING_EVENTS = 100_000;
/** Facts in one batch: some 50 KB a message, so that a batch is never felt on either thread. */
export const MAX_BATCH_EVENTS = 256;

export class EventQueue {
  readonly #limit: number;
  #facts: ClientEvent[] = [];
  /** Facts before this index are gone; kept to take batches from the front cheaply. */
  #head = 0;
  readonly #progress = new Map<string, ClientEvent>();
  #isOverfull = false;

  constructor(limit: number = MAX_WAITING_EVENTS) {
    this.#limit = limit;
  }

  /** Facts that wait. */
  get length(): number {
    return this.#facts.length - this.#head;
  }

  get isEmpty(): boolean {
    return this.length === 0 && this.#progress.size === 0;
  }

  /**
   * Appends `event`; false when there was no room for it. Once that happened only `error`, `stopped` and
   * `closed` get in: the few that tell how it ended.
   */
  push(event: ClientEvent): boolean {
    if (event.event === 'progress') {
      if (!this.#isOverfull) this.#progress.set(event.infoHash, event);
      return true;
    }
    if (this.length >= this.#limit) this.#isOverfull = true;
    if (this.#isOverfull && !isEnding(event)) return false;
    this.#facts.push(event);
    return true;
  }

  /** The next events, facts first; empty when nothing waits. */
  takeBatch(): ClientEvent[] {
    const end = Math.min(this.#head + MAX_BATCH_EVENTS, this.#facts.length);
    const batch = this.#facts.slice(this.#head, end);
    this.#head = end;
    if (this.#head === this.#facts.length) {
      this.#facts = [];
      this.#head = 0;
      this.#takeProgress(batch);
    } else if (this.#head > this.#limit) {
      this.#facts = this.#facts.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  /** Adds the waiting progress, before `closed`, which stays the last event. */
  #takeProgress(batch: ClientEvent[]): void {
    if (this.#progress.size === 0) return;
    const last = batch.at(-1)?.event === 'closed' ? batch.pop() : undefined;
    if (last === undefined) batch.push(...this.#progress.values());
    else batch.push(last);
    this.#progress.clear();
  }
}

function isEnding(event: ClientEvent): boolean {
  return event.event === 'error' || event.event === 'stopped' || event.event === 'closed';
}
