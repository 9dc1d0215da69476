/**
 * Owns the end of announcing: who still hears `stopped`, and how long that may take (BEP 3).
 *
 * A tracker that is hearing `started` or `completed` right now is waited for, so that it hears `stopped` last; but only
 * for half of the time, not when it is slow already, and not when `started` cannot have reached it. Invariants: a tracker hears `stopped` at most once; the end comes
 * once, at the deadline at the latest.
 */
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import type { AnnounceEvent } from '../protocol/tracker/announce.ts';
import type { TrackerState } from './tracker-state.ts';

const TIMER_PATIENCE = 0;
const TIMER_DEADLINE = 1;

/** What the farewell needs of its announcer. */
export interface FarewellWorld {
  now(): number;
  /** Announces `event` to `tracker` in place of what is in flight; given up after `timeoutMs`. */
  say(tracker: TrackerState, event: AnnounceEvent, timeoutMs: number): void;
  /** `tracker` did not answer `stopped` in time. */
  onUnanswered(tracker: TrackerState): void;
  /** `told` trackers answered `stopped`; `notTold` heard `started` and did not. */
  onFarewellDone(told: number, notTold: number): void;
}

export class Farewell implements TimerOwner {
  readonly #trackers: readonly TrackerState[];
  readonly #timers: TimerQueue;
  readonly #world: FarewellWorld;
  readonly #patienceTimer = new Timer(this, TIMER_PATIENCE);
  readonly #deadlineTimer = new Timer(this, TIMER_DEADLINE);
  /** Trackers that an announce is in flight to. */
  readonly #open = new Set<TrackerState>();
  readonly #told = new Set<TrackerState>();
  #hasPatience = true;

  constructor(trackers: readonly TrackerState[], timers: TimerQueue, world: FarewellWorld) {
    this.#trackers = trackers;
    this.#timers = timers;
    this.#world = world;
  }

  /** Begins; `onFarewellDone` may come from inside the call when there is nobody to tell. */
  begin(deadlineMs: number): void {
    const now = this.#world.now();
    this.#timers.schedule(this.#patienceTimer, now + deadlineMs / 2);
    this.#timers.schedule(this.#deadlineTimer, now + deadlineMs);
    for (const tracker of this.#trackers) {
      if (isHearing(tracker, now)) this.#open.add(tracker);
      else if (tracker.heardStarted) this.#say(tracker, 'stopped');
      else tracker.cancel();
    }
    this.#endIfDone();
  }

  /** Ends without a word. */
  abort(): void {
    this.#timers.cancel(this.#patienceTimer);
    this.#timers.cancel(this.#deadlineTimer);
    for (const tracker of this.#open) tracker.cancel();
    this.#open.clear();
  }

  /** The first answer to what `tracker` was told. */
  onAnswer(tracker: TrackerState): void {
    if (tracker.event === 'stopped') this.#told.add(tracker);
    else this.#say(tracker, tracker.owesCompleted && this.#hasPatience ? 'completed' : 'stopped');
  }

  onFailed(tracker: TrackerState): void {
    if (tracker.event !== 'stopped' && tracker.heardStarted) this.#say(tracker, 'stopped');
    else this.#open.delete(tracker);
    this.#endIfDone();
  }

  /** Every family that was told has answered or failed. */
  onSettled(tracker: TrackerState): void {
    this.#open.delete(tracker);
    this.#endIfDone();
  }

  onTimer(kind: number): void {
    if (kind === TIMER_PATIENCE) {
      this.#hasPatience = false;
      // One that has not answered `started` may have heard it all the same.
      for (const tracker of this.#open) if (tracker.event !== 'stopped') this.#say(tracker, 'stopped');
      return;
    }
    for (const tracker of this.#open) {
      if (!this.#told.has(tracker)) this.#world.onUnanswered(tracker);
    }
    this.#end();
  }

  #say(tracker: TrackerState, event: AnnounceEvent): void {
    this.#open.add(tracker);
    this.#world.say(tracker, event, this.#deadlineTimer.at - this.#world.now());
  }

  #endIfDone(): void {
    if (this.#open.size === 0 && this.#deadlineTimer.isScheduled) this.#end();
  }

  #end(): void {
    this.abort();
    let notTold = 0;
    for (const tracker of this.#trackers) if (tracker.heardStarted && !this.#told.has(tracker)) notTold++;
    this.#world.onFarewellDone(this.#told.size, notTold);
  }
}

/** The tracker may be taking in `started` or `completed` at this moment. */
function isHearing(tracker: TrackerState, now: number): boolean {
  if (!tracker.isWaiting || tracker.isSlow(now)) return false;
  return tracker.event === 'completed' || (tracker.event === 'started' && tracker.mayBeHeard);
}
