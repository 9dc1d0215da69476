/**
 * The seam to UDP.
 *
 * Contract: `open` returns at once; sends before the socket is ready are queued, a few, then dropped. `onDatagram`
 * lends its bytes for the length of the call. A send that fails is a lost datagram, except for a failure of the
 * socket itself: one `onFailure`, after which the socket is dead. After `close` nothing is called.
 */
import type { Endpoint } from '../base/endpoint.ts';
import type { Failure } from './failure.ts';

export interface DatagramHandler {
  onDatagram(bytes: Uint8Array, from: Endpoint): void;
  onFailure(failure: Failure): void;
}

export interface DatagramSocket {
  /** Takes the bytes at once. */
  send(bytes: Uint8Array, to: Endpoint): void;
  close(): void;
}

export interface Datagrams {
  /** A socket of the family of `local`'s address (`0.0.0.0` or `::` for any); port 0 asks for a free one. */
  open(local: Endpoint, handler: DatagramHandler): DatagramSocket;
}
