/**
 * Owns UDP on one simulated host: datagrams are lost, delayed and, with jitter, overtake each other.
 *
 * Several sockets never share a port of an address. What is sent to nobody is lost without a word.
 */
import { type Endpoint, isIPv6 } from '../base/endpoint.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports/datagram.ts';
import type { FailureCode } from '../ports/failure.ts';
import type { Network } from './network.ts';
import { coversAddress, portsConflict, type SimHost } from './sim-host.ts';

/** The longest payload of a UDP datagram over IPv4. */
const MAX_DATAGRAM_BYTES = 65_507;

export class SimDatagrams implements Datagrams {
  readonly #network: Network;
  readonly #host: SimHost;

  constructor(network: Network, host: SimHost) {
    this.#network = network;
    this.#host = host;
  }

  open(local: Endpoint, handler: DatagramHandler): DatagramSocket {
    const host = this.#host;
    const isTaken = (port: number): boolean =>
      host.sockets.some((other) => portsConflict(other.local, { address: local.address, port }));
    const port = local.port === 0 ? host.freePort(isTaken) : local.port;
    const socket = new SimDatagramSocket(this.#network, host, { address: local.address, port }, handler);
    if (!host.owns(local.address)) socket.fail('address-unavailable');
    else if (isTaken(port)) socket.fail('address-in-use');
    else host.sockets.push(socket);
    return socket;
  }
}

export class SimDatagramSocket implements DatagramSocket, TimerOwner {
  readonly local: Endpoint;
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #handler: DatagramHandler;
  readonly #failed = new Timer(this);
  #failureCode: FailureCode = 'other';
  #isClosed = false;

  constructor(network: Network, host: SimHost, local: Endpoint, handler: DatagramHandler) {
    this.#network = network;
    this.#host = host;
    this.local = local;
    this.#handler = handler;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (this.#isClosed || this.#failed.isScheduled || bytes.length > MAX_DATAGRAM_BYTES) return;
    const target = this.#network.hostAt(this.#host, to.address);
    const wildcard = this.local.address === '0.0.0.0' || this.local.address === '::';
    const source = wildcard ? this.#host.sourceFor(to.address) : this.local.address;
    if (target === null || source === null || isIPv6(source) !== isIPv6(to.address)) return;
    if (this.#network.losesPacket(this.#host, target)) return;
    const datagram = new Datagram(this.#network, target, bytes.slice(), to, {
      address: source,
      port: this.local.port,
    });
    const at = this.#network.scheduler.now + this.#network.delay(this.#host, target);
    this.#network.scheduler.schedule(new Timer(datagram), at);
  }

  close(): void {
    this.#isClosed = true;
    this.#network.scheduler.cancel(this.#failed);
    const place = this.#host.sockets.indexOf(this);
    if (place >= 0) this.#host.sockets.splice(place, 1);
  }

  /** Reports, after the call, that the socket is dead. */
  fail(code: FailureCode): void {
    this.#failureCode = code;
    this.#network.scheduler.schedule(this.#failed, this.#network.scheduler.now);
  }

  onTimer(): void {
    this.#isClosed = true;
    const detail = `${this.local.address} port ${this.local.port}`;
    this.#handler.onFailure({ code: this.#failureCode, operation: 'bind', detail });
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    this.#handler.onDatagram(bytes, from);
  }
}

/** One datagram under way. */
class Datagram implements TimerOwner {
  readonly #network: Network;
  readonly #target: SimHost;
  readonly #bytes: Uint8Array;
  readonly #to: Endpoint;
  readonly #from: Endpoint;

  constructor(network: Network, target: SimHost, bytes: Uint8Array, to: Endpoint, from: Endpoint) {
    this.#network = network;
    this.#target = target;
    this.#bytes = bytes;
    this.#to = to;
    this.#from = from;
  }

  onTimer(): void {
    if (this.#target.isVanished) return;
    const socket = this.#target.sockets.find(
      ({ local }) => local.port === this.#to.port && coversAddress(local.address, this.#to.address),
    );
    if (socket === undefined) return;
    const { scheduler, trace } = this.#network;
    trace.record(scheduler.now, 'datagram', this.#target.index, this.#bytes.length);
    trace.bytes(this.#bytes, 0, this.#bytes.length);
    socket.receive(this.#bytes, this.#from);
    this.#bytes.fill(0xdb);
  }
}
