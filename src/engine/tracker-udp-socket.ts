/**
 * Owns the one UDP socket of an address family that all announces to UDP trackers share, opened when first needed.
 *
 * A socket that fails is forgotten, all who use it hear of it, and the next use opens another.
 */
import type { Endpoint } from '../base/endpoint.ts';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports/datagram.ts';
import type { Failure } from '../ports/failure.ts';

/** Gets what arrives at the shared socket. */
export interface SocketUser {
  /** True when the datagram was for this user. */
  onDatagram(bytes: Uint8Array, from: Endpoint): boolean;
  onSocketFailure(failure: Failure): void;
}

export class TrackerUdpSocket implements DatagramHandler {
  readonly addressLength: 4 | 16;
  readonly #datagrams: Datagrams;
  readonly #localAddress: string;
  readonly #users = new Set<SocketUser>();
  #socket: DatagramSocket | null = null;

  /** `localAddress` is the address to send from, or null for any. */
  constructor(datagrams: Datagrams, addressLength: 4 | 16, localAddress: string | null) {
    this.#datagrams = datagrams;
    this.addressLength = addressLength;
    this.#localAddress = localAddress ?? (addressLength === 4 ? '0.0.0.0' : '::');
  }

  join(user: SocketUser): void {
    this.#users.add(user);
  }

  leave(user: SocketUser): void {
    this.#users.delete(user);
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    this.#socket ??= this.#datagrams.open({ address: this.#localAddress, port: 0 }, this);
    this.#socket.send(bytes, to);
  }

  close(): void {
    this.#users.clear();
    this.#socket?.close();
    this.#socket = null;
  }

  onDatagram(bytes: Uint8Array, from: Endpoint): void {
    for (const user of this.#users) if (user.onDatagram(bytes, from)) return;
  }

  onFailure(failure: Failure): void {
    this.#socket = null;
    for (const user of [...this.#users]) user.onSocketFailure(failure);
  }
}
