/**
 * Owns the talk to trackers of one engine: picks the protocol by the URL's scheme, and owns what announces share (the UDP
 * sockets, connection ids). When to announce is decided in `announcer.ts`.
 */
import { isIPv6 } from '../base/endpoint.ts';
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import { parseUrl } from '../base/url.ts';
import type { Datagrams } from '../ports/datagram.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { HttpClient } from '../ports/http.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { Time } from '../ports/time.ts';
import { UdpConnections } from '../protocol/tracker/udp-connections.ts';
import type {
  AnnounceClient,
  AnnounceHandler,
  AnnounceInFlight,
  AnnounceRequest,
} from './tracker-announce.ts';
import { worldFailure } from './tracker-failure.ts';
import { HttpAnnounce } from './tracker-http.ts';
import { AnsweredTrackers, UdpAnnounce, type UdpTrackerShared } from './tracker-udp.ts';
import { TrackerUdpSocket } from './tracker-udp-socket.ts';

export interface TrackerClientOptions {
  readonly http: HttpClient;
  readonly datagrams: Datagrams;
  readonly resolver: Resolver;
  readonly entropy: Entropy;
  readonly time: Time;
  readonly timers: TimerQueue;
  /** Canonical local address to announce from, or null for the system's choice. */
  readonly bindAddress: string | null;
}

export class TrackerClient implements AnnounceClient {
  readonly #options: TrackerClientOptions;
  readonly #udp: UdpTrackerShared;
  readonly #onInput: () => void;

  constructor(options: TrackerClientOptions) {
    const { datagrams, bindAddress, resolver, entropy, time, timers } = options;
    this.#options = options;
    this.#onInput = () => time.requestTurn();
    const lengths: readonly (4 | 16)[] = bindAddress === null ? [4, 16] : isIPv6(bindAddress) ? [16] : [4];
    const sockets = lengths.map((length) => new TrackerUdpSocket(datagrams, length, bindAddress));
    const connections = new UdpConnections();
    const answered = new AnsweredTrackers();
    this.#udp = { resolver, entropy, time, timers, connections, sockets, answered };
  }

  /** Makes one announce; nothing is called from inside. */
  announce(request: AnnounceRequest, handler: AnnounceHandler): AnnounceInFlight {
    const parts = parseUrl(request.url);
    if (parts?.scheme === 'http' || parts?.scheme === 'https') {
      const announce = new HttpAnnounce(request, handler, this.#onInput);
      announce.start(this.#options.http, this.#options.bindAddress);
      return announce;
    }
    if (parts?.scheme === 'udp' && parts.port !== null) {
      const announce = new UdpAnnounce(request, handler, this.#udp, parts);
      announce.start();
      return announce;
    }
    const reason = parts?.scheme === 'udp' ? 'a UDP tracker without a port' : 'a tracker URL of this kind';
    return new ImpossibleAnnounce(reason, handler, this.#options.timers, this.#options.time);
  }

  /** Closes the sockets. Announces were cancelled before. */
  close(): void {
    for (const socket of this.#udp.sockets) socket.close();
  }
}

/** An announce that fails in the next turn. */
class ImpossibleAnnounce implements AnnounceInFlight, TimerOwner {
  readonly mayBeHeard = false;
  readonly #reason: string;
  readonly #handler: AnnounceHandler;
  readonly #timers: TimerQueue;
  readonly #timer = new Timer(this);

  constructor(reason: string, handler: AnnounceHandler, timers: TimerQueue, time: Time) {
    this.#reason = reason;
    this.#handler = handler;
    this.#timers = timers;
    timers.schedule(this.#timer, time.now());
    time.requestTurn();
  }

  cancel(): void {
    this.#timers.cancel(this.#timer);
  }

  onTimer(): void {
    this.#handler.onEnded(worldFailure({ code: 'unsupported', operation: 'announce', detail: this.#reason }));
  }
}
