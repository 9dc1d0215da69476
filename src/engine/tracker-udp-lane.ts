/**
 * Owns one announce to one UDP tracker over one address family: joins the sans-I/O exchange to the shared socket and a
 * timer.
 */
import type { Endpoint } from '../base/endpoint.ts';
import { Timer, type TimerOwner, type TimerQueue } from '../base/timer-queue.ts';
import type { Failure } from '../ports/failure.ts';
import type { Time } from '../ports/time.ts';
import type { AnnounceAnswer, AnnounceParameters, TrackerRefusal } from '../protocol/tracker/announce.ts';
import {
  UdpExchange,
  type UdpExchangeHandler,
  type UdpExchangeOptions,
} from '../protocol/tracker/udp-exchange.ts';
import type { AnnounceFailure } from './tracker-announce.ts';
import { malformed, refused, worldFailure } from './tracker-failure.ts';
import type { SocketUser, TrackerUdpSocket } from './tracker-udp-socket.ts';

/** What the lane needs of its announce. Called at most once a lane, and not after `cancel`. */
export interface LaneOwner {
  parameters(): AnnounceParameters;
  onLaneAnswer(lane: UdpLane, answer: AnnounceAnswer, from: Endpoint): void;
  onLaneFailed(lane: UdpLane, failure: AnnounceFailure): void;
}

export class UdpLane implements UdpExchangeHandler, SocketUser, TimerOwner {
  readonly #owner: LaneOwner;
  readonly #socket: TrackerUdpSocket;
  readonly #timers: TimerQueue;
  readonly #time: Time;
  readonly #timer = new Timer(this);
  readonly #exchange: UdpExchange;

  constructor(
    owner: LaneOwner,
    socket: TrackerUdpSocket,
    timers: TimerQueue,
    time: Time,
    exchange: Omit<UdpExchangeOptions, 'addressLength'>,
  ) {
    this.#owner = owner;
    this.#socket = socket;
    this.#timers = timers;
    this.#time = time;
    this.#exchange = new UdpExchange({ ...exchange, addressLength: socket.addressLength }, this);
  }

  start(): void {
    this.#socket.join(this);
    this.#exchange.start(this.#time.now());
    this.#arm();
  }

  cancel(): void {
    this.#socket.leave(this);
    this.#timers.cancel(this.#timer);
  }

  onTimer(): void {
    this.#exchange.onTimeout(this.#time.now());
    this.#arm();
  }

  onDatagram(bytes: Uint8Array, from: Endpoint): boolean {
    const isOurs = this.#exchange.onDatagram(bytes, from, this.#time.now());
    if (isOurs) {
      this.#arm();
      this.#time.requestTurn();
    }
    return isOurs;
  }

  onSocketFailure(failure: Failure): void {
    this.#time.requestTurn();
    this.#fail(worldFailure(failure));
  }

  parameters(): AnnounceParameters {
    return this.#owner.parameters();
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    this.#socket.send(bytes, to);
  }

  onAnswer(answer: AnnounceAnswer, from: Endpoint): void {
    this.cancel();
    this.#owner.onLaneAnswer(this, answer, from);
  }

  onRefusal(refusal: TrackerRefusal): void {
    this.#fail(refused(refusal));
  }

  onMalformed(reason: string): void {
    this.#fail(malformed(reason));
  }

  onSilence(): void {
    this.#fail(worldFailure({ code: 'timeout', operation: 'announce', detail: '' }));
  }

  #fail(failure: AnnounceFailure): void {
    this.cancel();
    this.#owner.onLaneFailed(this, failure);
  }

  #arm(): void {
    const at = this.#exchange.nextAt;
    if (at !== Number.POSITIVE_INFINITY) this.#timers.schedule(this.#timer, at);
  }
}
