/**
 * Owns one announce to one UDP tracker over one address family: connect, announce, and when to send again (BEP 15).
 *
 * No I/O: `start`, `onTimeout` and `onDatagram` are the inputs, the handler gets the outputs, and `nextAt` says when
 * `onTimeout` is due. A tracker with several addresses of the family is asked at the next one whenever a connect request
 * goes out again.
 *
 * Invariants: at most one request is outstanding; an answer counts only from one of the tracker's own endpoints and with
 * the transaction id of the outstanding request; after the outcome nothing is called and `nextAt` is Infinity.
 */
import { assert } from '../../base/assert.ts';
import type { Endpoint } from '../../base/endpoint.ts';
import type { Entropy } from '../../ports/entropy.ts';
import type { AnnounceAnswer, AnnounceParameters, TrackerRefusal } from './announce.ts';
import type { UdpConnections } from './udp-connections.ts';
import {
  decodeUdpAnswer,
  encodeAnnounce,
  encodeConnect,
  transactionIdOf,
  type UdpAnswer,
} from './udp-packet.ts';

/** BEP 15: a request is sent again after 15 * 2^n seconds without an answer … */
const FIRST_TIMEOUT_MS = 15_000;
/** … with n from 0 to 8; when the last has passed too, the tracker is silent. */
const LAST_RETRANSMISSION = 8;

export interface UdpExchangeHandler {
  /** Read for each announce packet, so that one that is sent again has the counters of its moment. */
  parameters(): AnnounceParameters;
  send(bytes: Uint8Array, to: Endpoint): void;
  onAnswer(answer: AnnounceAnswer, from: Endpoint): void;
  onRefusal(refusal: TrackerRefusal): void;
  /** The tracker answered what is no answer. */
  onMalformed(reason: string): void;
  /** Nothing came after the last retransmission. */
  onSilence(): void;
}

export interface UdpExchangeOptions {
  /** Endpoints of the tracker, all of one family, at least one. */
  readonly endpoints: readonly Endpoint[];
  readonly addressLength: 4 | 16;
  /** Path and query of the URL (BEP 41), or empty. */
  readonly urlData: Uint8Array;
  readonly connections: UdpConnections;
  readonly entropy: Entropy;
}

type Phase = 'idle' | 'connect' | 'announce' | 'done';

export class UdpExchange {
  readonly #options: UdpExchangeOptions;
  readonly #handler: UdpExchangeHandler;
  #phase: Phase = 'idle';
  #endpoint = 0;
  #transactionId = 0;
  /** The n of the retransmission rule. */
  #retransmission = 0;
  /** The id in use came in this exchange, so that a refusal cannot be due to a stale one. */
  #hasOwnConnection = false;
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(options: UdpExchangeOptions, handler: UdpExchangeHandler) {
    assert(options.endpoints.length > 0, 'an exchange without an endpoint');
    this.#options = options;
    this.#handler = handler;
  }

  /** When `onTimeout` is due; Infinity when nothing is outstanding. */
  get nextAt(): number {
    return this.#nextAt;
  }

  start(now: number): void {
    assert(this.#phase === 'idle', 'an exchange is started once');
    this.#request(now);
  }

  onTimeout(now: number): void {
    if (this.#phase === 'done' || now < this.#nextAt) return;
    if (this.#retransmission === LAST_RETRANSMISSION) {
      this.#finish();
      this.#handler.onSilence();
      return;
    }
    this.#retransmission++;
    const tracker = this.#options.endpoints[this.#endpoint]!;
    if (this.#phase === 'announce' && this.#options.connections.get(tracker, now) !== null) {
      this.#send(now);
      return;
    }
    this.#endpoint = (this.#endpoint + 1) % this.#options.endpoints.length;
    this.#request(now);
  }

  /** True when the datagram was the answer to this exchange's request. */
  onDatagram(bytes: Uint8Array, from: Endpoint, now: number): boolean {
    if (this.#phase === 'done' || transactionIdOf(bytes) !== this.#transactionId) return false;
    const source = this.#indexOf(from);
    if (source < 0) return false;
    this.#endpoint = source;
    this.#onAnswer(decodeUdpAnswer(bytes, this.#options.addressLength), now);
    return true;
  }

  #onAnswer(answer: UdpAnswer, now: number): void {
    const tracker = this.#options.endpoints[this.#endpoint]!;
    if (answer.kind === 'error') this.#onError(answer.reason, tracker, now);
    else if (answer.kind === 'connect' && this.#phase === 'connect') {
      this.#options.connections.set(tracker, answer.connectionId, now);
      // The announce is another request, so its retransmissions count anew; but only once, or a tracker that answers
      // nothing but connect requests would be asked for ever.
      if (!this.#hasOwnConnection) this.#retransmission = 0;
      this.#hasOwnConnection = true;
      this.#request(now);
    } else if (answer.kind === 'announce' && this.#phase === 'announce') {
      this.#finish();
      this.#handler.onAnswer(announceAnswer(answer), tracker);
    } else {
      this.#finish();
      const wrong =
        answer.kind === 'malformed' ? answer.reason : `an answer to ${answer.kind}, which was not asked`;
      this.#handler.onMalformed(wrong);
    }
  }

  #onError(reason: string, tracker: Endpoint, now: number): void {
    if (this.#phase === 'announce' && !this.#hasOwnConnection) {
      // The id is from an earlier exchange; a restarted tracker does not know it any more.
      this.#options.connections.forget(tracker);
      this.#request(now);
      return;
    }
    this.#finish();
    this.#handler.onRefusal({ reason, retryInSeconds: null });
  }

  /** Begins the request that is next: an announce when the endpoint has a valid connection id, else a connect. */
  #request(now: number): void {
    const tracker = this.#options.endpoints[this.#endpoint]!;
    this.#phase = this.#options.connections.get(tracker, now) === null ? 'connect' : 'announce';
    this.#transactionId = this.#newTransactionId();
    this.#send(now);
  }

  #send(now: number): void {
    const { endpoints, connections, urlData } = this.#options;
    const tracker = endpoints[this.#endpoint]!;
    const connectionId = this.#phase === 'announce' ? connections.get(tracker, now) : null;
    const bytes =
      connectionId === null
        ? encodeConnect(this.#transactionId)
        : encodeAnnounce(connectionId, this.#transactionId, this.#handler.parameters(), urlData);
    this.#nextAt = now + FIRST_TIMEOUT_MS * 2 ** this.#retransmission;
    this.#handler.send(bytes, tracker);
  }

  #finish(): void {
    this.#phase = 'done';
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  #indexOf(from: Endpoint): number {
    return this.#options.endpoints.findIndex(
      (endpoint) => endpoint.address === from.address && endpoint.port === from.port,
    );
  }

  #newTransactionId(): number {
    const bytes = new Uint8Array(4);
    this.#options.entropy.fill(bytes);
    return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  }
}

function announceAnswer(answer: UdpAnswer & { readonly kind: 'announce' }): AnnounceAnswer {
  return {
    peers: answer.peers.peers,
    intervalSeconds: answer.intervalSeconds > 0 ? answer.intervalSeconds : null,
    minIntervalSeconds: null,
    seeds: answer.seeds >= 0 ? answer.seeds : null,
    leeches: answer.leeches >= 0 ? answer.leeches : null,
    warning: null,
    trackerId: null,
    externalAddress: null,
  };
}
