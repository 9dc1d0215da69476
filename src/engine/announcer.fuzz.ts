/**
 * Fuzzes the announcer: trackers that answer, fail, lie or stay silent at random while the torrent completes, runs out
 * of peers and stops. Whatever happens, each tracker hears a sequence that BEP 3 permits, not more often than it asked.
 */
import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import type { AnnounceAnswer, AnnounceEvent } from '../protocol/tracker/announce.ts';
import { Announcer, type AnnouncerWorld } from './announcer.ts';
import type { AnnounceClient, AnnounceHandler, AnnounceRequest } from './tracker-announce.ts';
import { SHORTEST_INTERVAL_MS } from './tracker-intervals.ts';

const STOP_DEADLINE_MS = 3000;
const STEPS = 60;

/** What one tracker has heard. */
interface Heard {
  inFlight: { readonly event: AnnounceEvent; readonly handler: AnnounceHandler } | null;
  started: boolean;
  completed: boolean;
  stopped: boolean;
  /** When an announce without an event is permitted again. */
  allowedAt: number;
}

class Swamp implements AnnouncerWorld, AnnounceClient {
  now = 0;
  isCompleted = false;
  stoppedAt: number | null = null;
  stops = 0;
  readonly timers = new TimerQueue();
  readonly heard = new Map<string, Heard>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  counters() {
    return { uploaded: 0, downloaded: 0, left: this.isCompleted ? 0 : 100 };
  }
  announcePort() {
    return 1;
  }
  onTrackerPeers() {
    assert(this.stoppedAt === null, 'peers after stop');
  }
  onAnnounceDone() {}
  onAnnouncerStopped(told: number, notTold: number) {
    this.stops++;
    assert(
      this.stoppedAt !== null && this.now - this.stoppedAt <= STOP_DEADLINE_MS,
      'stopping took too long',
    );
    let started = 0;
    for (const tracker of this.heard.values()) {
      assert(tracker.inFlight === null, 'in flight after the end');
      if (tracker.started) started++;
    }
    assert(told + notTold >= started && told <= this.heard.size, `told ${told}, not told ${notTold}`);
  }

  announce(request: AnnounceRequest, handler: AnnounceHandler) {
    const { url, event } = request;
    const tracker = this.heard.get(url) ?? newTracker();
    this.heard.set(url, tracker);
    this.#check(tracker, event);
    tracker.inFlight = { event, handler };
    const mayBeHeard = this.#random.below(4) > 0;
    return {
      mayBeHeard,
      cancel: () => {
        if (tracker.inFlight?.handler === handler) tracker.inFlight = null;
      },
    };
  }

  /** Some tracker in flight answers or fails. */
  settleOne(): void {
    const busy = [...this.heard.values()].filter(({ inFlight }) => inFlight !== null);
    const tracker = busy[this.#random.below(Math.max(busy.length, 1))];
    if (tracker === undefined) return;
    const { event, handler } = tracker.inFlight!;
    if (this.#random.below(3) === 0) {
      tracker.inFlight = null;
      const retryInSeconds = this.#random.below(5) === 0 ? this.#random.below(10_000) : null;
      handler.onEnded({ code: 'timeout', message: 'silence', retryInSeconds });
      return;
    }
    const answer = this.#answer();
    if (event === 'started') tracker.started = true;
    if (event === 'completed') tracker.completed = true;
    tracker.allowedAt = this.now + Math.max((answer.minIntervalSeconds ?? 0) * 1000, SHORTEST_INTERVAL_MS);
    const before = tracker.inFlight;
    handler.onAnswer(answer, null);
    if (tracker.inFlight !== before) return; // it was told something else at once, which cancelled this
    tracker.inFlight = null;
    handler.onEnded(null);
  }

  run(until: number): void {
    while (this.timers.nextAt <= until) {
      this.now = Math.max(this.now, this.timers.nextAt);
      this.timers.runDue(this.now);
    }
    this.now = until;
  }

  #check(tracker: Heard, event: AnnounceEvent): void {
    assert(tracker.inFlight === null, 'two announces in flight');
    assert(!tracker.stopped, `${event} after stopped`);
    assert(event === 'stopped' || event === 'started' || tracker.started, `${event} before started`);
    assert(event !== 'started' || !tracker.started, 'started twice');
    assert(event !== 'completed' || (this.isCompleted && !tracker.completed), 'completed twice or too early');
    assert(event !== 'none' || this.now >= tracker.allowedAt, 'below the min interval');
    assert((event === 'stopped') <= (this.stoppedAt !== null), 'stopped too early');
    if (event === 'stopped') tracker.stopped = true;
  }

  #answer(): AnnounceAnswer {
    const random = this.#random;
    return {
      peers: random.below(2) === 0 ? [] : [{ address: '192.0.2.1', port: 1 }],
      intervalSeconds: random.below(3) === 0 ? null : random.below(4000),
      minIntervalSeconds: random.below(3) === 0 ? random.below(1000) : null,
      seeds: null,
      leeches: null,
      warning: null,
      trackerId: null,
      externalAddress: null,
    };
  }
}

export function fuzz(random: Random, iterations: number): void {
  for (let i = 0; i < iterations; i++) fuzzOne(random);
}

function fuzzOne(random: Random): void {
  const world = new Swamp(random);
  const trackers = Array.from({ length: 1 + random.below(3) }, (_, tier) =>
    Array.from({ length: 1 + random.below(3) }, (_, i) => `http://t${tier}-${i}/`),
  );
  const [infoHash, peerId] = [new Uint8Array(20), new Uint8Array(20)];
  const options = { infoHash, peerId, key: 1, trackers, client: world, timers: world.timers, random };
  const announcer = new Announcer({ ...options, time: { now: () => world.now } }, world);
  announcer.start();
  for (let step = 0; step < STEPS; step++) {
    const choice = random.below(10);
    if (choice < 5) world.settleOne();
    else if (choice < 8) world.run(world.now + random.below(choice === 7 ? 4_000_000 : 8000));
    else if (choice === 8) announcer.needPeers();
    else if (random.below(8) === 0 && !world.isCompleted) {
      world.isCompleted = true;
      announcer.complete();
    }
    for (const { nextAnnounceInMs } of announcer.snapshots(world.now)) {
      assert(nextAnnounceInMs === null || nextAnnounceInMs >= 0, 'an announce planned in the past');
    }
  }
  world.stoppedAt = world.now;
  announcer.stop(STOP_DEADLINE_MS);
  while (world.stops === 0) {
    if (random.below(2) === 0) world.settleOne();
    else world.run(world.now + random.below(1000));
    assert(world.now - world.stoppedAt <= STOP_DEADLINE_MS + 1000, 'stopping does not end');
  }
  world.run(world.now + 10_000_000);
  assert(world.stops === 1 && world.timers.size === 0, 'something goes on after the end');
}

function newTracker(): Heard {
  return { inFlight: null, started: false, completed: false, stopped: false, allowedAt: 0 };
}
