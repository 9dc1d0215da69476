/**
 * Owns the `Time` port on Node: the clock, the turn (`setImmediate`: after the inputs that were ready), and the one timer
 * that wakes an idle engine.
 *
 * Invariants: at most one immediate and one timer are alive; the time read first after a turn holds until the next one
 * has ended, and for that an immediate is always pending while a time is held. A pending wake-up keeps the process alive.
 */
import { performance } from 'node:perf_hooks';
import { assert } from '../base/assert.ts';
import type { Time, TurnHandler } from '../ports/time.ts';

/** Longest single wait: Node turns delays beyond 2^31 ms into 1 ms, and a wait may as well be checked once an hour. */
const MAX_DELAY_MS = 3_600_000;
/**
 * Turns that follow each other faster than this wait for more input: each one costs a message to the disk's thread and a write
 * for each peer, whatever it carries (docs/decisions/006-paced-turns.md).
 */
const TURN_GAP_MS = 1;

export class NodeTime implements Time {
  #handler: TurnHandler | null = null;
  /** The time held until the end of the turn, or -1. */
  #now = -1;
  #immediate: NodeJS.Immediate | null = null;
  /** Delays a turn that would follow too fast. */
  #pace: NodeJS.Timeout | null = null;
  #turnEndedAt = Number.NEGATIVE_INFINITY;
  #turnRequested = false;
  #timer: NodeJS.Timeout | null = null;
  /** When `#timer` fires. */
  #timerAt = Number.POSITIVE_INFINITY;
  #wakeAt = Number.POSITIVE_INFINITY;
  #closed = false;

  now(): number {
    if (this.#now < 0) {
      this.#now = performance.now();
      this.#scheduleImmediate();
    }
    return this.#now;
  }

  wallClock(): number {
    return Date.now();
  }

  bind(handler: TurnHandler): void {
    assert(this.#handler === null, 'turns belong to one handler');
    this.#handler = handler;
  }

  requestTurn(): void {
    this.#turnRequested = true;
    this.#scheduleImmediate();
  }

  wakeAt(at: number): void {
    this.#wakeAt = at;
    if (at === Number.POSITIVE_INFINITY) this.#clearTimer();
    // A timer that fires too early costs one look at the clock; to move it each turn would cost more.
    else if (at < this.#timerAt) this.#armTimer();
  }

  /** Ends the turns: nothing is called any more, and the process may end. Harmless when closed. */
  close(): void {
    this.#closed = true;
    this.#clearTimer();
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    if (this.#pace !== null) clearTimeout(this.#pace);
    this.#pace = null;
    this.#now = -1;
  }

  #scheduleImmediate(): void {
    if (this.#immediate !== null || this.#pace !== null || this.#closed) return;
    this.#immediate = setImmediate(this.#onImmediate);
  }

  readonly #onImmediate = (): void => {
    this.#immediate = null;
    if (this.#turnRequested && performance.now() - this.#turnEndedAt < TURN_GAP_MS) {
      this.#pace = setTimeout(this.#onPace, TURN_GAP_MS);
    } else this.#runTurn();
  };

  readonly #onPace = (): void => {
    this.#pace = null;
    this.#runTurn();
  };

  #runTurn(): void {
    try {
      if (this.#turnRequested) {
        this.#turnRequested = false;
        this.#handler?.onTurn();
        this.#turnEndedAt = performance.now();
      }
    } finally {
      this.#now = -1;
    }
  }

  #armTimer(): void {
    this.#clearTimer();
    if (this.#closed) return;
    const now = performance.now();
    // Rounded up, because a timer that is due within the millisecond may fire before it.
    const delayMs = Math.min(Math.max(Math.ceil(this.#wakeAt - now), 1), MAX_DELAY_MS);
    this.#timerAt = now + delayMs;
    this.#timer = setTimeout(this.#onTimeout, delayMs);
  }

  readonly #onTimeout = (): void => {
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (performance.now() < this.#wakeAt) {
      this.#armTimer();
      return;
    }
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.requestTurn();
  };

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
}
