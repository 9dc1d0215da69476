/**
 * Owns the world in which the announcer is tested: trackers that answer when the test says so, and a clock that moves when
 * it is told to.
 */
import assert from 'node:assert/strict';
import type { Endpoint } from '../../src/base/endpoint.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { TimerQueue } from '../../src/base/timer-queue.ts';
import { type AnnounceReport, Announcer, type AnnouncerWorld } from '../../src/engine/announcer.ts';
import type { AnnounceClient, AnnounceHandler, AnnounceRequest } from '../../src/engine/tracker-announce.ts';
import type { FailureCode } from '../../src/ports/failure.ts';
import type { AnnounceAnswer } from '../../src/protocol/tracker/announce.ts';

export const PEER: Endpoint = { address: '192.0.2.1', port: 6881 };
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** One announce that a tracker of the test's world was asked for. */
export interface Asked {
  /** Second at which it was asked. */
  readonly at: number;
  readonly request: AnnounceRequest;
  readonly handler: AnnounceHandler;
  isCancelled: boolean;
}

/**
 * The world of one announcer: trackers `http://a/`, `http://b/`, … in tiers drawn as text (`a b | c` is two tiers), a
 * clock that moves when told to, and a record of everything said (`a:started`).
 */
export class AnnouncerScene implements AnnouncerWorld, AnnounceClient {
  time = 0;
  readonly timers = new TimerQueue();
  readonly asked: Asked[] = [];
  readonly reports: AnnounceReport[] = [];
  readonly peers: string[] = [];
  readonly stops: { told: number; notTold: number; at: number }[] = [];
  numbers = { uploaded: 0, downloaded: 0, left: 1000 };
  mayBeHeard = true;
  readonly announcer: Announcer;

  constructor(tiers: string, seed = 1) {
    const trackers = tiers.split('|').map((tier) =>
      tier
        .trim()
        .split(/\s+/)
        .map((name) => `http://${name}/`),
    );
    const random = new SeededRandom(seed);
    const [infoHash, peerId] = [new Uint8Array(20), new Uint8Array(20)];
    const { timers } = this;
    const options = { infoHash, peerId, key: 7, trackers, client: this, timers, random };
    this.announcer = new Announcer({ ...options, time: { now: () => this.time } }, this);
  }

  counters() {
    return this.numbers;
  }
  announcePort() {
    return 6881;
  }
  onTrackerPeers(peers: readonly Endpoint[], from: string | null) {
    for (const peer of peers) this.peers.push(`${peer.address} from ${from}`);
  }
  onAnnounceDone(report: AnnounceReport) {
    this.reports.push(report);
  }
  onAnnouncerStopped(told: number, notTold: number) {
    this.stops.push({ told, notTold, at: this.time });
  }

  announce(request: AnnounceRequest, handler: AnnounceHandler) {
    const asked: Asked = { at: this.time / SECOND, request, handler, isCancelled: false };
    this.asked.push(asked);
    return {
      mayBeHeard: this.mayBeHeard,
      cancel: () => {
        asked.isCancelled = true;
      },
    };
  }

  /** Lets time pass, firing what becomes due on the way. */
  run(milliseconds: number): void {
    const end = this.time + milliseconds;
    while (this.timers.nextAt <= end) {
      this.time = Math.max(this.time, this.timers.nextAt);
      this.timers.runDue(this.time);
    }
    this.time = end;
  }

  /** The newest announce in flight to `name`. */
  inFlight(name: string): Asked {
    const asked = this.asked.findLast(({ request }) => request.url === `http://${name}/`);
    assert.ok(asked !== undefined && !asked.isCancelled, `nothing is in flight to ${name}`);
    return asked;
  }

  answer(name: string, fields: Partial<AnnounceAnswer> = {}): void {
    const { handler } = this.inFlight(name);
    const asked = this.inFlight(name);
    handler.onAnswer({ ...ANSWER, ...fields }, '203.0.113.1');
    if (!asked.isCancelled) handler.onEnded(null);
    asked.isCancelled = true;
  }

  fail(name: string, code: FailureCode = 'refused', retryInSeconds: number | null = null): void {
    const asked = this.inFlight(name);
    asked.isCancelled = true;
    asked.handler.onEnded({ code, message: `it is ${code}`, retryInSeconds });
  }

  /** What was said since the last call: `a:started b:none`. */
  said(): string {
    const said = this.asked.slice(this.#read).map(({ request }) => `${host(request.url)}:${request.event}`);
    this.#read = this.asked.length;
    return said.join(' ');
  }
  #read = 0;
}

/** A usual answer. */
export const ANSWER: AnnounceAnswer = {
  peers: [PEER],
  intervalSeconds: 1800,
  minIntervalSeconds: null,
  seeds: 3,
  leeches: 4,
  warning: null,
  trackerId: null,
  externalAddress: null,
};

/** The name of a tracker of the scene. */
export function host(url: string): string {
  return url.slice('http://'.length, -1);
}

/** A scene whose announcer was started. */
export function started(tiers: string, seed = 1): AnnouncerScene {
  const scene = new AnnouncerScene(tiers, seed);
  scene.announcer.start();
  return scene;
}

/** The names of the first tier in the order that chance gave it. */
export function order(scene: AnnouncerScene): [string, string, string] {
  const names = scene.announcer.snapshots(scene.time).filter(({ tier }) => tier === 0);
  return names.map(({ url }) => host(url)) as [string, string, string];
}
