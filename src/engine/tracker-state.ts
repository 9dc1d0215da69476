/**
 * Owns what is known of one tracker of one torrent: what it has heard, how its last announce ended, when it may be asked
 * again. Decides nothing; the tier and the announcer do.
 *
 * Invariants: at most one announce is in flight; `allowedAt` <= `dueAt`; `started` is heard before `completed`.
 */
import type { AnnounceAnswer, AnnounceEvent } from '../protocol/tracker/announce.ts';
import { maskSecretsOf, maskTrackerUrl } from '../protocol/tracker/mask-url.ts';
import type { TrackerSnapshot, TrackerStatus } from './events.ts';
import type { AnnounceFailure, AnnounceHandler, AnnounceInFlight } from './tracker-announce.ts';
import type { AnnounceIntervals } from './tracker-intervals.ts';

/** A tracker that has not answered for so long no longer holds up the next one of its tier. */
export const SLOW_MS = 5000;

/** Who decides what the outcome of an announce leads to. */
export interface TrackerStateOwner {
  /** An answer came. `isFirst` is false for the answer over the other address family. */
  onTrackerAnswer(
    tracker: TrackerState,
    answer: AnnounceAnswer,
    address: string | null,
    isFirst: boolean,
  ): void;
  onTrackerFailed(tracker: TrackerState, failure: AnnounceFailure): void;
  /** Nothing is outstanding any more after an answer. */
  onTrackerSettled(tracker: TrackerState): void;
}

export class TrackerState implements AnnounceHandler {
  readonly url: string;
  readonly maskedUrl: string;
  readonly tier: number;
  readonly #owner: TrackerStateOwner;
  #inFlight: AnnounceInFlight | null = null;
  /** The announce in flight has brought an answer; another family's may still come. */
  #hasAnswered = false;
  #event: AnnounceEvent = 'none';
  #sentAt = 0;
  #heardStarted = false;
  /** The download became complete and the tracker has not heard of it. */
  owesCompleted = false;
  trackerId: Uint8Array | null = null;
  /** When a periodic announce is due; after a failure, when the next attempt is. Infinity for never. */
  dueAt = 0;
  /** When an announce without an event is permitted. */
  allowedAt = 0;
  /** In a row. */
  #failures = 0;
  #isWorking = false;
  #message = '';
  #lastAnswerAt: number | null = null;
  #peers: number | null = null;
  #seeds: number | null = null;
  #leeches: number | null = null;

  constructor(url: string, tier: number, owner: TrackerStateOwner) {
    this.url = url;
    this.maskedUrl = maskTrackerUrl(url);
    this.tier = tier;
    this.#owner = owner;
  }

  /** An announce is in flight that nothing has answered yet. */
  get isWaiting(): boolean {
    return this.#inFlight !== null && !this.#hasAnswered;
  }

  /** The announce in flight may have reached the tracker. */
  get mayBeHeard(): boolean {
    return this.#inFlight?.mayBeHeard ?? false;
  }

  /** What the newest announce says. */
  get event(): AnnounceEvent {
    return this.#event;
  }

  get heardStarted(): boolean {
    return this.#heardStarted;
  }

  /** The last announce that ended was answered. */
  get isWorking(): boolean {
    return this.#isWorking;
  }

  get failures(): number {
    return this.#failures;
  }

  get message(): string {
    return this.#message;
  }

  isSlow(now: number): boolean {
    return this.isWaiting && now - this.#sentAt >= SLOW_MS;
  }

  /** Failed, or silent for long enough to be called so. */
  isFailed(now: number): boolean {
    return this.isSlow(now) || (!this.#isWorking && this.#failures > 0);
  }

  /** Notes an announce that was just sent; one still in flight was cancelled before. */
  onSent(event: AnnounceEvent, inFlight: AnnounceInFlight, now: number): void {
    this.#event = event;
    this.#inFlight = inFlight;
    this.#hasAnswered = false;
    this.#sentAt = now;
  }

  cancel(): void {
    this.#inFlight?.cancel();
    this.#inFlight = null;
  }

  onAnswer(answer: AnnounceAnswer, trackerAddress: string | null): void {
    const isFirst = !this.#hasAnswered;
    this.#hasAnswered = true;
    this.#owner.onTrackerAnswer(this, answer, trackerAddress, isFirst);
  }

  onEnded(failure: AnnounceFailure | null): void {
    this.#inFlight = null;
    if (failure === null) this.#owner.onTrackerSettled(this);
    else this.#owner.onTrackerFailed(this, failure);
  }

  /** Takes the first answer to the announce in flight. */
  recordAnswer(answer: AnnounceAnswer, intervals: AnnounceIntervals, now: number): void {
    if (this.#event === 'started') this.#heardStarted = true;
    if (this.#event === 'completed') this.owesCompleted = false;
    this.trackerId = answer.trackerId ?? this.trackerId;
    this.allowedAt = now + intervals.minIntervalMs;
    this.dueAt = now + intervals.intervalMs;
    this.#failures = 0;
    this.#isWorking = true;
    this.#message = maskSecretsOf(this.url, answer.warning ?? '');
    this.#lastAnswerAt = now;
    this.#peers = answer.peers.length;
    this.#seeds = answer.seeds;
    this.#leeches = answer.leeches;
  }

  /** Takes a failure; the wait is set with `dueAt` by the caller, who knows the back-off. */
  recordFailure(failure: AnnounceFailure): void {
    this.#failures++;
    this.#isWorking = false;
    this.#message = maskSecretsOf(this.url, failure.message);
  }

  snapshot(now: number, nextAt: number | null): TrackerSnapshot {
    return {
      url: this.maskedUrl,
      tier: this.tier,
      status: this.#status(now),
      message: this.isSlow(now) ? this.silence(now) : this.#message,
      lastAnswerAgeMs: this.#lastAnswerAt === null ? null : Math.round(now - this.#lastAnswerAt),
      nextAnnounceInMs: nextAt === null || this.isWaiting ? null : Math.max(0, Math.round(nextAt - now)),
      peers: this.#peers,
      seeds: this.#seeds,
      leeches: this.#leeches,
    };
  }

  /** Words for a tracker that has not answered yet. */
  silence(now: number): string {
    return `no answer for ${Math.floor((now - this.#sentAt) / 1000)} s`;
  }

  #status(now: number): TrackerStatus {
    if (this.isFailed(now)) return 'failed';
    if (this.isWaiting) return 'announcing';
    return this.#isWorking ? 'working' : 'waiting';
  }
}
