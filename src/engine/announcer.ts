/**
 * Owns the decision when which tracker of one torrent hears what (BEP 3, 12, 31).
 *
 * All tiers are announced side by side. Within a tier the trackers are shuffled once; the next one is tried at once when
 * one fails, and also when one has not answered after five seconds, so that no tracker delays the peers of another
 * (docs/decisions/002-side-by-side-announces.md). What is said to a tracker is in `tracker-client.ts`, what is known of
 * one is in `tracker-state.ts`. Invariants: at most one announce a tracker is in flight; a tracker hears `started`
 * before anything else, `completed` at most once, and nothing after `stopped`.
 */
import { assert } from '../base/assert.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type Random, shuffle } from '../base/random.ts';
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import type { Time } from '../ports/time.ts';
import type { AnnounceAnswer, AnnounceCounters, AnnounceEvent } from '../protocol/tracker/announce.ts';
import { Farewell, type FarewellWorld } from './announcer-farewell.ts';
import type { TrackerSnapshot } from './events.ts';
import type { AnnounceClient, AnnounceFailure, AnnounceRequest } from './tracker-announce.ts';
import { announceIntervals, backoffMs } from './tracker-intervals.ts';
import { TrackerState, type TrackerStateOwner } from './tracker-state.ts';
import { type TierWorld, TrackerTier } from './tracker-tier.ts';

/** Peers asked for; the established clients ask for 80 to 200. A tracker that gives fewer does as it likes. */
const PEERS_WANTED = 200;
/** Trackers of one torrent that are used; each can hold a socket. Real torrents have up to some dozens. */
const MAX_TRACKERS = 100;

/** How one announce ended: the `tracker` event without its info hash. The URL is masked. */
export interface AnnounceReport {
  readonly url: string;
  readonly announce: AnnounceEvent;
  readonly ok: boolean;
  readonly message: string;
  readonly peers: number;
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly intervalSeconds: number | null;
}

/** What the announcer needs of its torrent. */
export interface AnnouncerWorld {
  /** Counters of this moment. */
  counters(): AnnounceCounters;
  /** The port that peers may dial. */
  announcePort(): number;
  /**
   * Candidates from a tracker, not empty; may include ourselves. `trackerAddress` is the canonical address that answered,
   * null when unknown.
   */
  onTrackerPeers(peers: readonly Endpoint[], trackerAddress: string | null): void;
  onAnnounceDone(report: AnnounceReport): void;
  /**
   * `stop` ended; comes exactly once after it, possibly from inside it. `told` trackers answered `stopped`; `notTold`
   * heard `started` and did not answer `stopped` in time.
   */
  onAnnouncerStopped(told: number, notTold: number): void;
}

export interface AnnouncerOptions {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** 0 to 2^32 - 1, from `Entropy`; constant for the torrent. */
  readonly key: number;
  /** Tracker URLs in tiers, as in `Metainfo.trackers`. */
  readonly trackers: readonly (readonly string[])[];
  readonly client: AnnounceClient;
  readonly timers: TimerQueue;
  readonly time: Pick<Time, 'now'>;
  readonly random: Random;
}

/** What the torrent's diagnosis needs to know about trackers. */
export interface AnnouncerSummary {
  readonly trackerCount: number;
  /** Trackers whose last announce succeeded. */
  readonly workingCount: number;
  /** Trackers whose last announce failed, or that have been silent for five seconds or more. */
  readonly failedCount: number;
  /** There are trackers, and every one of them is failed. */
  readonly allFailed: boolean;
  /** Masked URL and words of the newest failure; null when none happened. */
  readonly lastFailure: { readonly url: string; readonly message: string } | null;
  /** Milliseconds until the next planned announce; null when none is planned. */
  readonly nextAnnounceInMs: number | null;
}

type Phase = 'idle' | 'running' | 'stopping' | 'stopped';

export class Announcer implements TimerOwner, TrackerStateOwner, TierWorld, FarewellWorld {
  readonly #options: AnnouncerOptions;
  readonly #world: AnnouncerWorld;
  readonly #tiers: TrackerTier[] = [];
  readonly #trackers: TrackerState[] = [];
  /** Due when a tracker that did not take `completed` may be told again. */
  readonly #owedTimer = new Timer(this);
  readonly #farewell: Farewell;
  #phase: Phase = 'idle';
  #isCompleted = false;
  #lastFailed: TrackerState | null = null;

  constructor(options: AnnouncerOptions, world: AnnouncerWorld) {
    this.#options = options;
    this.#world = world;
    for (const urls of options.trackers) this.#addTier(urls);
    this.#farewell = new Farewell(this.#trackers, options.timers, this);
  }

  /** Announces `started` to every tier. Called once. */
  start(): void {
    assert(this.#phase === 'idle', 'an announcer is started once');
    this.#phase = 'running';
    for (const tier of this.#tiers) tier.start();
  }

  /**
   * The download became complete: each tracker that heard `started`, or will, hears `completed` once. Never called for
   * data that was complete at the start.
   */
  complete(): void {
    if (this.#phase !== 'running' || this.#isCompleted) return;
    this.#isCompleted = true;
    for (const tracker of this.#trackers) {
      tracker.owesCompleted = true;
      // One that is hearing `started` hears `completed` after its answer.
      if (tracker.heardStarted) this.announceTo(tracker);
    }
  }

  /**
   * Peers run out: announces again as soon as a tracker of each tier permits. Cheap and harmless when called often.
   */
  needPeers(): void {
    if (this.#phase !== 'running') return;
    for (const tier of this.#tiers) tier.needPeers();
  }

  /**
   * Says `stopped` to every tracker that heard `started`, within `deadlineMs` in all; then `onAnnouncerStopped`, which may
   * come from inside the call when there is nobody to tell. Harmless when stopping.
   */
  stop(deadlineMs: number): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped') return;
    this.#phase = 'stopping';
    this.#stopTimers();
    this.#farewell.begin(deadlineMs);
  }

  /** Drops everything at once, without a word to anyone and without `onAnnouncerStopped`. */
  abort(): void {
    this.#phase = 'stopped';
    this.#stopTimers();
    this.#farewell.abort();
    for (const tracker of this.#trackers) tracker.cancel();
  }

  /** One for each tracker, by tier, in the order in which a tier asks them. `now` is the engine's clock. */
  snapshots(now: number): TrackerSnapshot[] {
    const snapshots: TrackerSnapshot[] = [];
    for (const tier of this.#tiers) {
      for (const tracker of tier.trackers)
        snapshots.push(tracker.snapshot(now, this.#nextAnnounceAt(tier, tracker)));
    }
    return snapshots;
  }

  /** What the torrent's diagnosis needs to know. `now` is the engine's clock. */
  summary(now: number): AnnouncerSummary {
    let failedCount = 0;
    let workingCount = 0;
    for (const tracker of this.#trackers) {
      if (tracker.isFailed(now)) failedCount++;
      else if (tracker.isWorking) workingCount++;
    }
    let nextAt = Number.POSITIVE_INFINITY;
    for (const tier of this.#tiers) nextAt = Math.min(nextAt, tier.nextAt);
    return {
      trackerCount: this.#trackers.length,
      workingCount,
      failedCount,
      allFailed: failedCount > 0 && failedCount === this.#trackers.length,
      lastFailure: this.#lastFailure(now),
      nextAnnounceInMs: nextAt === Number.POSITIVE_INFINITY ? null : Math.max(0, Math.round(nextAt - now)),
    };
  }

  now(): number {
    return this.#options.time.now();
  }

  onTimer(): void {
    const now = this.now();
    for (const tracker of this.#trackers) {
      if (isOwedCompleted(tracker) && tracker.dueAt <= now) this.announceTo(tracker);
    }
    this.#planOwed();
  }

  announceTo(tracker: TrackerState): void {
    this.say(tracker, nextEvent(tracker), null);
  }

  say(tracker: TrackerState, event: AnnounceEvent, timeoutMs: number | null): void {
    const { infoHash, peerId, key, client } = this.#options;
    tracker.cancel();
    const request: AnnounceRequest = {
      url: tracker.url,
      infoHash,
      peerId,
      port: this.#world.announcePort(),
      key,
      source: this.#world,
      event,
      numWant: event === 'stopped' ? 0 : PEERS_WANTED,
      trackerId: tracker.trackerId,
      timeoutMs,
    };
    tracker.onSent(event, client.announce(request, tracker), this.now());
  }

  onTrackerAnswer(
    tracker: TrackerState,
    answer: AnnounceAnswer,
    address: string | null,
    isFirst: boolean,
  ): void {
    if (isFirst) this.#onFirstAnswer(tracker, answer);
    if (answer.peers.length > 0 && this.#phase === 'running')
      this.#world.onTrackerPeers(answer.peers, address);
    if (!isFirst) return;
    if (this.#phase === 'stopping') this.#farewell.onAnswer(tracker);
    if (this.#phase !== 'running') return;
    const isEnough = answer.peers.length > 0 || this.#world.counters().left === 0;
    this.#tierOf(tracker).onAnswer(tracker, isEnough);
    if (isOwedCompleted(tracker)) this.announceTo(tracker);
  }

  onTrackerFailed(tracker: TrackerState, failure: AnnounceFailure): void {
    const now = this.now();
    tracker.recordFailure(failure);
    tracker.dueAt = now + backoffMs(tracker.failures, failure.retryInSeconds, this.#options.random);
    tracker.allowedAt = tracker.dueAt;
    this.#lastFailed = tracker;
    this.#reportFailure(tracker, tracker.message);
    if (this.#phase === 'stopping') this.#farewell.onFailed(tracker);
    if (this.#phase !== 'running') return;
    this.#tierOf(tracker).onFailed(tracker);
    this.#planOwed();
  }

  onTrackerSettled(tracker: TrackerState): void {
    if (this.#phase === 'stopping') this.#farewell.onSettled(tracker);
  }

  onUnanswered(tracker: TrackerState): void {
    this.#reportFailure(tracker, tracker.silence(this.now()));
  }

  onFarewellDone(told: number, notTold: number): void {
    this.#phase = 'stopped';
    this.#world.onAnnouncerStopped(told, notTold);
  }

  #addTier(urls: readonly string[]): void {
    const known = new Set(this.#trackers.map((tracker) => tracker.url));
    const trackers: TrackerState[] = [];
    for (const url of urls) {
      if (known.has(url) || known.size >= MAX_TRACKERS) continue;
      known.add(url);
      trackers.push(new TrackerState(url, this.#tiers.length, this));
    }
    if (trackers.length === 0) return;
    this.#trackers.push(...trackers);
    shuffle(trackers, this.#options.random);
    this.#tiers.push(new TrackerTier(trackers, this.#options.timers, this));
  }

  #onFirstAnswer(tracker: TrackerState, answer: AnnounceAnswer): void {
    const intervals = announceIntervals(answer);
    tracker.recordAnswer(answer, intervals, this.now());
    this.#world.onAnnounceDone({
      url: tracker.maskedUrl,
      announce: tracker.event,
      ok: true,
      message: tracker.message,
      peers: answer.peers.length,
      seeds: answer.seeds,
      leeches: answer.leeches,
      intervalSeconds: intervals.intervalMs / 1000,
    });
  }

  #reportFailure(tracker: TrackerState, message: string): void {
    const nothing = { peers: 0, seeds: null, leeches: null, intervalSeconds: null };
    this.#world.onAnnounceDone({
      url: tracker.maskedUrl,
      announce: tracker.event,
      ok: false,
      message,
      ...nothing,
    });
  }

  #planOwed(): void {
    let at = Number.POSITIVE_INFINITY;
    for (const tracker of this.#trackers) if (isOwedCompleted(tracker)) at = Math.min(at, tracker.dueAt);
    if (at === Number.POSITIVE_INFINITY) this.#options.timers.cancel(this.#owedTimer);
    else this.#options.timers.schedule(this.#owedTimer, at);
  }

  #stopTimers(): void {
    for (const tier of this.#tiers) tier.stop();
    this.#options.timers.cancel(this.#owedTimer);
  }

  #tierOf(tracker: TrackerState): TrackerTier {
    return this.#tiers[tracker.tier]!;
  }

  /** The tracker at the front of a tier is next; the others only when it fails. */
  #nextAnnounceAt(tier: TrackerTier, tracker: TrackerState): number | null {
    if (tier.nextAt === Number.POSITIVE_INFINITY || tracker.isWaiting) return null;
    const isNext = tracker === tier.trackers[0] || tracker.dueAt <= tier.nextAt;
    return isNext && tracker.dueAt !== Number.POSITIVE_INFINITY ? tier.nextAt : null;
  }

  #lastFailure(now: number): AnnouncerSummary['lastFailure'] {
    const failed = this.#lastFailed;
    if (failed?.isFailed(now) && !failed.isWaiting) {
      return { url: failed.maskedUrl, message: failed.message };
    }
    for (const tracker of this.#trackers) {
      if (tracker.isSlow(now)) return { url: tracker.maskedUrl, message: tracker.silence(now) };
      if (tracker.isFailed(now)) return { url: tracker.maskedUrl, message: tracker.message };
    }
    return null;
  }
}

/** The tracker heard `started`, was not told that the download is complete, and is not being told anything now. */
function isOwedCompleted(tracker: TrackerState): boolean {
  return tracker.owesCompleted && tracker.heardStarted && !tracker.isWaiting;
}

function nextEvent(tracker: TrackerState): AnnounceEvent {
  if (!tracker.heardStarted) return 'started';
  return tracker.owesCompleted ? 'completed' : 'none';
}
