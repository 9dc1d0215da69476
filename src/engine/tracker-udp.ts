/**
 * Owns one announce to one UDP tracker: resolves its name, then announces over each address family side by side, so that
 * the tracker learns both of our addresses and tells peers of both (BEP 15, "IPv6").
 *
 * `stopped` goes only over the families that the tracker has answered over, where there are such: a family that does not
 * work must not delay the end.
 */
import { type Endpoint, formatEndpoint, isIPv6 } from '../base/endpoint.ts';
import { toUtf8 } from '../base/text.ts';
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import type { UrlParts } from '../base/url.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Failure } from '../ports/failure.ts';
import type { Cancellable, ResolveHandler, Resolver } from '../ports/resolver.ts';
import type { Time } from '../ports/time.ts';
import type { AnnounceAnswer, AnnounceParameters } from '../protocol/tracker/announce.ts';
import type { UdpConnections } from '../protocol/tracker/udp-connections.ts';
import type {
  AnnounceFailure,
  AnnounceHandler,
  AnnounceInFlight,
  AnnounceRequest,
} from './tracker-announce.ts';
import { worldFailure } from './tracker-failure.ts';
import { type LaneOwner, UdpLane } from './tracker-udp-lane.ts';
import type { TrackerUdpSocket } from './tracker-udp-socket.ts';

const RESOLVE_TIMEOUT_MS = 15_000;
/** Addresses of one family that are tried; more are a mistake or a trick. */
const MAX_ADDRESSES = 8;

/** What all UDP announces of an engine share. */
export interface UdpTrackerShared {
  readonly resolver: Resolver;
  readonly entropy: Entropy;
  readonly time: Time;
  readonly timers: TimerQueue;
  readonly connections: UdpConnections;
  /** The families that may be used, one or two. */
  readonly sockets: readonly TrackerUdpSocket[];
  /** Endpoints that have answered. */
  readonly answered: AnsweredTrackers;
}

/** Remembers which tracker endpoints have answered; bounded, the oldest go first. */
export class AnsweredTrackers {
  static readonly MAX = 4096;
  readonly #keys = new Set<string>();

  add(endpoint: Endpoint): void {
    const key = formatEndpoint(endpoint);
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= AnsweredTrackers.MAX) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  hasAny(endpoints: readonly Endpoint[]): boolean {
    return endpoints.some((endpoint) => this.#keys.has(formatEndpoint(endpoint)));
  }
}

export class UdpAnnounce implements ResolveHandler, LaneOwner, TimerOwner, AnnounceInFlight {
  readonly #request: AnnounceRequest;
  readonly #handler: AnnounceHandler;
  readonly #shared: UdpTrackerShared;
  readonly #tracker: UrlParts;
  readonly #lanes = new Set<UdpLane>();
  readonly #timeout = new Timer(this);
  #resolving: Cancellable | null = null;
  #mayBeHeard = false;
  #hasAnswer = false;
  #failure: AnnounceFailure | null = null;
  #isOver = false;

  /** `tracker` is the URL's parts; it has a port. */
  constructor(
    request: AnnounceRequest,
    handler: AnnounceHandler,
    shared: UdpTrackerShared,
    tracker: UrlParts,
  ) {
    this.#request = request;
    this.#handler = handler;
    this.#shared = shared;
    this.#tracker = tracker;
  }

  start(): void {
    const { time, timers, resolver } = this.#shared;
    const timeoutMs = this.#request.timeoutMs;
    if (timeoutMs !== null) timers.schedule(this.#timeout, time.now() + timeoutMs);
    this.#resolving = resolver.resolve(this.#tracker.host, timeoutMs ?? RESOLVE_TIMEOUT_MS, this);
  }

  cancel(): void {
    this.#isOver = true;
    this.#resolving?.cancel();
    this.#shared.timers.cancel(this.#timeout);
    for (const lane of this.#lanes) lane.cancel();
    this.#lanes.clear();
  }

  onResolved(addresses: readonly string[]): void {
    this.#shared.time.requestTurn();
    const families = this.#shared.sockets
      .map((socket) => ({ socket, endpoints: this.#endpoints(addresses, socket.addressLength === 16) }))
      .filter(({ endpoints }) => endpoints.length > 0);
    const known = families.filter(({ endpoints }) => this.#shared.answered.hasAny(endpoints));
    const chosen = this.#request.event === 'stopped' && known.length > 0 ? known : families;
    if (chosen.length === 0) {
      this.#end(this.#worldFailure('address-unavailable', 'no address of a family that may be used'));
      return;
    }
    const { connections, entropy, timers, time } = this.#shared;
    const urlData = toUtf8(this.#urlData());
    for (const { socket, endpoints } of chosen) {
      this.#lanes.add(new UdpLane(this, socket, timers, time, { endpoints, urlData, connections, entropy }));
    }
    for (const lane of [...this.#lanes]) if (!this.#isOver) lane.start();
  }

  onFailure(failure: Failure): void {
    this.#shared.time.requestTurn();
    this.#end(worldFailure(failure));
  }

  onTimer(): void {
    this.#end(this.#worldFailure('timeout', ''));
  }

  get mayBeHeard(): boolean {
    return this.#mayBeHeard;
  }

  parameters(): AnnounceParameters {
    this.#mayBeHeard = true; // they are asked for when an announce packet is about to be sent
    const { infoHash, peerId, port, key, source, event, numWant, trackerId } = this.#request;
    return { infoHash, peerId, port, key, counters: source.counters(), event, numWant, trackerId };
  }

  onLaneAnswer(lane: UdpLane, answer: AnnounceAnswer, from: Endpoint): void {
    this.#hasAnswer = true;
    this.#shared.answered.add(from);
    this.#lanes.delete(lane);
    this.#handler.onAnswer(answer, from.address);
    this.#endIfIdle();
  }

  onLaneFailed(lane: UdpLane, failure: AnnounceFailure): void {
    this.#failure = failure;
    this.#lanes.delete(lane);
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#lanes.size === 0 && !this.#isOver) this.#end(this.#failure);
  }

  #end(failure: AnnounceFailure | null): void {
    this.cancel();
    this.#handler.onEnded(this.#hasAnswer ? null : failure);
  }

  #endpoints(addresses: readonly string[], isV6: boolean): Endpoint[] {
    const port = this.#tracker.port!;
    const ofFamily = addresses.filter((address) => isIPv6(address) === isV6);
    return ofFamily.slice(0, MAX_ADDRESSES).map((address) => ({ address, port }));
  }

  /** Path and query, which the packets have no other place for (BEP 41). */
  #urlData(): string {
    const { path, query } = this.#tracker;
    return query === null ? path : `${path}?${query}`;
  }

  #worldFailure(code: Failure['code'], detail: string): AnnounceFailure {
    return worldFailure({ code, operation: 'announce', detail });
  }
}
