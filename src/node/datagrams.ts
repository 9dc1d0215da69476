/**
 * Owns UDP on Node: the `Datagrams` port on `node:dgram`.
 *
 * Zone ids are cut off addresses, and an IPv6 socket takes no IPv4 traffic, so that each family has its own socket.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { canonicalAddress, type Endpoint, formatEndpoint, isIPv6 } from '../base/endpoint.ts';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports/datagram.ts';
import type { Failure } from '../ports/failure.ts';
import { tcpFailure } from './tcp-errors.ts';

/** Datagrams kept while the socket is being bound, a matter of microseconds; more are dropped, as UDP may. */
const MAX_QUEUED = 64;

export class NodeDatagrams implements Datagrams {
  open(local: Endpoint, handler: DatagramHandler): DatagramSocket {
    return new NodeDatagramSocket(local, handler);
  }
}

class NodeDatagramSocket implements DatagramSocket {
  readonly #handler: DatagramHandler;
  readonly #socket: Socket;
  #queued: { readonly bytes: Uint8Array; readonly to: Endpoint }[] = [];
  #state: 'binding' | 'open' | 'closed' = 'binding';

  constructor(local: Endpoint, handler: DatagramHandler) {
    this.#handler = handler;
    const isV6 = isIPv6(local.address);
    this.#socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 });
    this.#socket.on('error', (error) => this.#onError(tcpFailure(error, 'bind', formatEndpoint(local))));
    this.#socket.on('message', (bytes, from) => this.#onMessage(bytes, from));
    this.#socket.bind(local.port, local.address, () => this.#onBound());
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (this.#state === 'closed') return;
    const copy = Uint8Array.from(bytes);
    if (this.#state === 'open') this.#send(copy, to);
    else if (this.#queued.length < MAX_QUEUED) this.#queued.push({ bytes: copy, to });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#queued = [];
    this.#socket.close();
  }

  #onBound(): void {
    if (this.#state === 'closed') return;
    this.#state = 'open';
    for (const { bytes, to } of this.#queued) this.#send(bytes, to);
    this.#queued = [];
  }

  #send(bytes: Uint8Array, to: Endpoint): void {
    // An error of one send (no route, a full buffer) is a lost datagram by contract; whoever needs it sends again.
    this.#socket.send(bytes, to.port, to.address, () => {});
  }

  #onMessage(message: Buffer, from: RemoteInfo): void {
    if (this.#state === 'closed') return;
    const zone = from.address.indexOf('%');
    const address = canonicalAddress(zone < 0 ? from.address : from.address.slice(0, zone));
    if (address === null) return;
    // A plain view: a Buffer's `slice` does not copy, which nobody behind the port expects.
    const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
    this.#handler.onDatagram(bytes, { address, port: from.port });
  }

  #onError(failure: Failure): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#handler.onFailure(failure);
  }
}
