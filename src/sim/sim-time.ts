/**
 * Owns the clock and the turns of one simulated process: `Time` over the world's scheduler.
 *
 * Each process has its own origin of `now` and its own wall clock, so that nobody comes to depend on clocks that agree. A
 * turn runs at the end of the instant in which it was asked for. After `stop` (the process died) no turn runs.
 */
import { assert } from '../base/assert.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { Time, TurnHandler } from '../ports/time.ts';
import type { InstantEnd, Scheduler } from './scheduler.ts';

export interface SimTimeOptions {
  /** What `now` says at the beginning of the world; a whole number of milliseconds. */
  readonly origin: number;
  /** What `wallClock` says at the beginning of the world. */
  readonly wallClockOrigin: number;
}

export class SimTime implements Time, TimerOwner, InstantEnd {
  readonly #scheduler: Scheduler;
  readonly #options: SimTimeOptions;
  readonly #wake = new Timer(this);
  #handler: TurnHandler | null = null;
  #turnRequested = false;
  #stopped = false;

  constructor(scheduler: Scheduler, options: SimTimeOptions) {
    assert(Number.isInteger(options.origin), 'the origin is whole, so that sums stay exact');
    this.#scheduler = scheduler;
    this.#options = options;
  }

  /** A wake-up or a turn is still to come. */
  get isPending(): boolean {
    return this.#wake.isScheduled || this.#turnRequested;
  }

  now(): number {
    return this.#scheduler.now + this.#options.origin;
  }

  wallClock(): number {
    return Math.floor(this.#scheduler.now + this.#options.wallClockOrigin);
  }

  bind(handler: TurnHandler): void {
    assert(this.#handler === null, 'turns have one owner');
    this.#handler = handler;
  }

  requestTurn(): void {
    assert(this.#handler !== null, 'turns are bound before they are asked for');
    if (this.#turnRequested || this.#stopped) return;
    this.#turnRequested = true;
    this.#scheduler.atInstantEnd(this);
  }

  wakeAt(at: number): void {
    if (at === Number.POSITIVE_INFINITY || this.#stopped) this.#scheduler.cancel(this.#wake);
    else this.#scheduler.schedule(this.#wake, at - this.#options.origin);
  }

  onTimer(): void {
    this.requestTurn();
  }

  onInstantEnd(): void {
    this.#turnRequested = false;
    if (!this.#stopped) this.#handler!.onTurn();
  }

  /** The process died: its turns are over. */
  stop(): void {
    this.#stopped = true;
    this.#scheduler.cancel(this.#wake);
  }
}
