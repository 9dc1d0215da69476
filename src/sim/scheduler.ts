/**
 * Owns virtual time: the one clock of a simulated world and everything that is still to happen in it.
 *
 * An instant has two halves, repeated until both are empty: first all events that are due, in order of (time, order of
 * scheduling), then the turns that were asked for, in order of asking. Times are multiples of 2^-10 ms, so that sums and
 * differences of them are exact and replays agree to the bit. Invariants: time never goes back; a world that does
 * not get past an instant is ended with {@link LivelockError}, never left to hang.
 */
import { assert } from '../base/assert.ts';
import { type Timer, TimerQueue } from '../base/timer-queue.ts';

/** Rounds in one instant; a healthy world needs a handful, and one that passes this is spinning. */
const MAX_ROUNDS_IN_INSTANT = 10_000;
const TICKS_PER_MS = 1024;

/** Something that runs when all events of the present instant have run. */
export interface InstantEnd {
  onInstantEnd(): void;
}

/** The world does not get past one instant: somebody asks for a turn, or for an event now, again and again. */
export class LivelockError extends Error {
  override readonly name = 'LivelockError';
}

/** Why a run ended: the condition came true, nothing is left to happen, or the time is up. */
export type RunResult = 'done' | 'idle' | 'timeout';

export class Scheduler {
  readonly #timers = new TimerQueue();
  #ends: InstantEnd[] = [];
  #nextEnds: InstantEnd[] = [];
  #now = 0;
  #instants = 0;

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Instants that passed: a measure of how much happened. */
  get instants(): number {
    return this.#instants;
  }

  /** Events that are still to happen. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Schedules `timer` for `at`, at the earliest for now, rounded up to the next tick; moves it when scheduled. */
  schedule(timer: Timer, at: number): void {
    this.#timers.schedule(timer, Math.max(this.#now, Math.ceil(at * TICKS_PER_MS) / TICKS_PER_MS));
  }

  cancel(timer: Timer): void {
    this.#timers.cancel(timer);
  }

  /** Calls `end` once when the events of this instant have run. Asking again is the caller's to avoid. */
  atInstantEnd(end: InstantEnd): void {
    this.#nextEnds.push(end);
  }

  /**
   * Lets the world run until `isDone`, asked after each instant, says so; at most `limitMs` of virtual time. What happens
   * inside throws through.
   */
  run(isDone: () => boolean, limitMs: number): RunResult {
    const deadline = this.#now + limitMs;
    for (;;) {
      this.#runInstant();
      if (isDone()) return 'done';
      const next = this.#timers.nextAt;
      if (next > deadline) {
        this.#now = deadline;
        return next === Number.POSITIVE_INFINITY ? 'idle' : 'timeout';
      }
      assert(next >= this.#now, 'time never goes back');
      this.#now = next;
    }
  }

  /** Lets `ms` of virtual time pass. */
  advance(ms: number): void {
    this.run(() => false, ms);
  }

  #runInstant(): void {
    this.#instants++;
    for (let round = 0; round < MAX_ROUNDS_IN_INSTANT; round++) {
      if (this.#timers.nextAt <= this.#now) this.#timers.runDue(this.#now);
      else if (this.#nextEnds.length > 0) this.#runEnds();
      else return;
    }
    throw new LivelockError(`nothing gets past ${this.#now} ms`);
  }

  #runEnds(): void {
    const ends = this.#nextEnds;
    this.#nextEnds = this.#ends;
    this.#ends = ends;
    for (let i = 0; i < ends.length; i++) ends[i]!.onInstantEnd();
    ends.length = 0;
  }
}
