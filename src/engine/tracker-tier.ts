/**
 * Owns one tier of trackers (BEP 12): their order, and which of them is asked in a round of announces.
 *
 * A round begins when the tier is due. Its trackers are asked in order: the first at once; the next at once when one
 * fails or has no peers to give while some are wanted, and also when one has not answered after five seconds. The first
 * answer with peers ends the round, and its tracker moves to the front. A slow tracker is not cancelled: what it says
 * later is welcome.
 *
 * Invariants: a tracker is asked at most once a round, never while it is being asked, and never before it is due (when
 * peers are needed urgently: before it is permitted).
 */
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import { SLOW_MS, type TrackerState } from './tracker-state.ts';

const TIMER_ROUND = 0;
const TIMER_SLOW = 1;

/** What a tier needs of its announcer. */
export interface TierWorld {
  now(): number;
  /** Announces to `tracker` whatever it should hear next. Never completes from inside the call. */
  announceTo(tracker: TrackerState): void;
}

export class TrackerTier implements TimerOwner {
  readonly #order: TrackerState[];
  readonly #timers: TimerQueue;
  readonly #world: TierWorld;
  readonly #roundTimer = new Timer(this, TIMER_ROUND);
  readonly #slowTimer = new Timer(this, TIMER_SLOW);
  /** Trackers asked in this round. */
  readonly #asked = new Set<TrackerState>();
  /** This round asks whoever permits it, not only who is due. */
  #isUrgent = false;
  /** The same for the round that is planned. */
  #isNextUrgent = false;
  /** The round has its answer with peers. */
  #isWon = false;

  /** `trackers` in their order, at least one. */
  constructor(trackers: TrackerState[], timers: TimerQueue, world: TierWorld) {
    this.#order = trackers;
    this.#timers = timers;
    this.#world = world;
  }

  /** In their present order. */
  get trackers(): readonly TrackerState[] {
    return this.#order;
  }

  /** When the next round begins; Infinity when none is planned. */
  get nextAt(): number {
    return this.#roundTimer.isScheduled ? this.#roundTimer.at : Number.POSITIVE_INFINITY;
  }

  start(): void {
    this.#beginRound(false);
  }

  /** Peers run out: a round begins now or, if no tracker permits one, as soon as one does. */
  needPeers(): void {
    // A tracker that is being asked and is not slow yet may bring them.
    if (this.#slowTimer.isScheduled) return;
    const now = this.#world.now();
    const allowedAt = this.#earliest((tracker) => tracker.allowedAt);
    if (allowedAt <= now) this.#beginRound(true);
    else if (allowedAt < this.nextAt) {
      this.#schedule(allowedAt);
      this.#isNextUrgent = true;
    }
  }

  /** Stops asking; what is in flight stays in flight. */
  stop(): void {
    this.#timers.cancel(this.#roundTimer);
    this.#timers.cancel(this.#slowTimer);
  }

  /** `tracker` of this tier answered. `isEnough` is false when peers are wanted and it has none. */
  onAnswer(tracker: TrackerState, isEnough: boolean): void {
    if (!isEnough && !this.#isWon) {
      this.#next();
      return;
    }
    if (!this.#isWon) {
      this.#isWon = true;
      this.#timers.cancel(this.#slowTimer);
      this.#toFront(tracker);
    }
    if (this.#order[0] === tracker) this.#schedule(tracker.dueAt);
  }

  onFailed(tracker: TrackerState): void {
    if (this.#isWon) return; // the round timer waits for the tracker that answered
    if (this.#asked.has(tracker)) this.#next();
    else this.#plan();
  }

  onTimer(kind: number): void {
    if (kind === TIMER_SLOW) this.#next();
    else this.#beginRound(this.#isNextUrgent);
  }

  #beginRound(isUrgent: boolean): void {
    this.#isUrgent = isUrgent;
    this.#isWon = false;
    this.#asked.clear();
    this.#next();
  }

  /** Asks the next tracker that may be asked, or plans the next round when there is none. */
  #next(): void {
    const now = this.#world.now();
    this.#timers.cancel(this.#slowTimer);
    const tracker = this.#order.find((candidate) => this.#mayAsk(candidate, now));
    if (tracker === undefined) {
      this.#plan();
      return;
    }
    this.#asked.add(tracker);
    this.#timers.cancel(this.#roundTimer);
    this.#timers.schedule(this.#slowTimer, now + SLOW_MS);
    this.#world.announceTo(tracker);
  }

  #mayAsk(tracker: TrackerState, now: number): boolean {
    if (tracker.isWaiting || this.#asked.has(tracker)) return false;
    return (this.#isUrgent ? tracker.allowedAt : tracker.dueAt) <= now;
  }

  /** The round found nobody else to ask: the next one begins when the first tracker is due again. */
  #plan(): void {
    this.#schedule(this.#earliest((tracker) => tracker.dueAt));
  }

  #schedule(at: number): void {
    this.#isNextUrgent = false;
    if (at === Number.POSITIVE_INFINITY) this.#timers.cancel(this.#roundTimer);
    else this.#timers.schedule(this.#roundTimer, at);
  }

  /** The earliest time of the trackers that are not being asked now. */
  #earliest(timeOf: (tracker: TrackerState) => number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const tracker of this.#order) {
      if (!tracker.isWaiting) earliest = Math.min(earliest, timeOf(tracker));
    }
    return earliest;
  }

  #toFront(tracker: TrackerState): void {
    this.#order.splice(this.#order.indexOf(tracker), 1);
    this.#order.unshift(tracker);
  }
}
