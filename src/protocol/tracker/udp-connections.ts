/**
 * Owns the connection ids that UDP trackers gave us, shared by all torrents of one engine (BEP 15).
 *
 * Invariants: an id is used for less than a minute after it came; the table has a bound, and the oldest go first.
 */
import { type Endpoint, formatEndpoint } from '../../base/endpoint.ts';

/** BEP 15: a client may use a connection id until one minute after it received it. */
export const CONNECTION_LIFE_MS = 60_000;

/** Trackers talked to within one minute; more only means asking one of them for a new id. */
const MAX_CONNECTIONS = 1024;

interface Connection {
  readonly id: Uint8Array;
  readonly receivedAt: number;
}

export class UdpConnections {
  readonly #byEndpoint = new Map<string, Connection>();

  /** The id for `tracker` if one is valid at `now`, else null. */
  get(tracker: Endpoint, now: number): Uint8Array | null {
    const connection = this.#byEndpoint.get(formatEndpoint(tracker));
    return connection !== undefined && now - connection.receivedAt < CONNECTION_LIFE_MS
      ? connection.id
      : null;
  }

  set(tracker: Endpoint, id: Uint8Array, now: number): void {
    const key = formatEndpoint(tracker);
    this.#byEndpoint.delete(key); // a Map iterates in order of insertion: the oldest id stays first
    this.#byEndpoint.set(key, { id, receivedAt: now });
    if (this.#byEndpoint.size <= MAX_CONNECTIONS) return;
    for (const oldest of this.#byEndpoint.keys()) {
      this.#byEndpoint.delete(oldest);
      return;
    }
  }

  forget(tracker: Endpoint): void {
    this.#byEndpoint.delete(formatEndpoint(tracker));
  }
}
