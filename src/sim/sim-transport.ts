/**
 * Owns dialling and listening of the programs on one simulated host: `Transport` over the simulated network.
 */
import { type Endpoint, isIPv6 } from '../base/endpoint.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { FailureCode } from '../ports/failure.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  ListenHandler,
  ListenResult,
  Transport,
} from '../ports/transport.ts';
import type { Network } from './network.ts';
import { SimConnection } from './sim-connection.ts';
import { coversAddress, portsConflict, type SimHost } from './sim-host.ts';

export class SimTransport implements Transport {
  readonly #network: Network;
  readonly #host: SimHost;

  constructor(network: Network, host: SimHost) {
    this.#network = network;
    this.#host = host;
  }

  dial(remote: Endpoint, options: DialOptions, handler: ConnectionHandler): Connection {
    const { scheduler } = this.#network;
    const connection = new SimConnection(this.#network, this.#host, remote, handler);
    const source = options.localAddress ?? this.#host.sourceFor(remote.address);
    if (source === null || isIPv6(source) !== isIPv6(remote.address)) connection.fail('unreachable');
    else if (!this.#host.owns(source)) connection.fail('address-unavailable');
    else {
      connection.limitDialling(options.timeoutMs);
      const port = this.#host.freePort((taken) => this.#host.listeners.some((l) => l.local.port === taken));
      const dial = new Dial(this.#network, connection, { address: source, port });
      dial.start(scheduler.now);
    }
    return connection;
  }

  listen(local: Endpoint, handler: ListenHandler, result: ListenResult): void {
    const host = this.#host;
    const isTaken = (port: number): boolean =>
      host.listeners.some((other) => portsConflict(other.local, { address: local.address, port }));
    let outcome: SimListener | FailureCode;
    if (!host.owns(local.address)) outcome = 'address-unavailable';
    else if (local.port !== 0 && isTaken(local.port)) outcome = 'address-in-use';
    else {
      const port = local.port === 0 ? host.freePort(isTaken) : local.port;
      outcome = new SimListener(host, { address: local.address, port }, handler);
      host.listeners.push(outcome);
    }
    new ListenAnswer(this.#network, host, local, outcome, result).start();
  }
}

export class SimListener implements Listener {
  readonly local: Endpoint;
  readonly handler: ListenHandler;
  readonly #host: SimHost;

  constructor(host: SimHost, local: Endpoint, handler: ListenHandler) {
    this.#host = host;
    this.local = local;
    this.handler = handler;
  }

  close(): void {
    const { listeners } = this.#host;
    const place = listeners.indexOf(this);
    if (place >= 0) listeners.splice(place, 1);
  }
}

/** Reports how a listening attempt ended, after the call that made it. */
class ListenAnswer implements TimerOwner {
  readonly #network: Network;
  readonly #host: SimHost;
  readonly #generation: number;
  readonly #local: Endpoint;
  readonly #outcome: SimListener | FailureCode;
  readonly #result: ListenResult;

  constructor(
    network: Network,
    host: SimHost,
    local: Endpoint,
    outcome: SimListener | FailureCode,
    result: ListenResult,
  ) {
    this.#network = network;
    this.#host = host;
    this.#generation = host.generation;
    this.#local = local;
    this.#outcome = outcome;
    this.#result = result;
  }

  start(): void {
    this.#network.scheduler.schedule(new Timer(this), this.#network.scheduler.now);
  }

  onTimer(): void {
    if (this.#host.generation !== this.#generation) return;
    if (typeof this.#outcome !== 'string') this.#result.onListening(this.#outcome);
    else {
      const detail = `${this.#local.address} port ${this.#local.port}`;
      this.#result.onListenFailed({ code: this.#outcome, operation: 'listen', detail });
    }
  }
}

const DIAL_ARRIVES = 0;
const DIAL_REFUSED = 1;
const DIAL_UNREACHABLE = 2;

/** One attempt on its way: to a listener, to a refusal, or into silence. */
class Dial implements TimerOwner {
  readonly #network: Network;
  readonly #connection: SimConnection;
  readonly #local: Endpoint;

  constructor(network: Network, connection: SimConnection, local: Endpoint) {
    this.#network = network;
    this.#connection = connection;
    this.#local = local;
  }

  start(now: number): void {
    const from = this.#connection.host;
    const { address, port } = this.#connection.remote;
    this.#network.trace.note(now, 'dial', `${from.name} ${this.#connection.number} ${address} ${port}`);
    const to = this.#network.hostAt(from, address);
    if (to !== null) this.#schedule(DIAL_ARRIVES, this.#network.delay(from, to));
    else {
      const fate = this.#network.fateOf(address);
      const delay = 2 * this.#network.delayToNowhere(from);
      if (fate === 'refused') this.#schedule(DIAL_REFUSED, delay);
      else if (fate === 'unreachable') this.#schedule(DIAL_UNREACHABLE, delay);
    }
  }

  onTimer(kind: number): void {
    if (this.#connection.isClosed) return;
    if (kind === DIAL_REFUSED) this.#connection.fail('refused');
    else if (kind === DIAL_UNREACHABLE) this.#connection.fail('unreachable');
    else this.#arrive();
  }

  #arrive(): void {
    const from = this.#connection.host;
    const { address, port } = this.#connection.remote;
    const to = this.#network.hostAt(from, address)!;
    if (to.isVanished) return;
    const listener = to.listeners.find(
      (l) => l.local.port === port && coversAddress(l.local.address, address),
    );
    const delay = this.#network.delay(to, from);
    if (listener === undefined) this.#schedule(DIAL_REFUSED, delay);
    else {
      const accepted = new SimConnection(this.#network, to, this.#local, null);
      this.#connection.connectAt(this.#network.scheduler.now + delay, accepted);
      accepted.accept(listener.handler.onAccepted(accepted));
    }
  }

  #schedule(kind: number, delayMs: number): void {
    this.#network.scheduler.schedule(new Timer(this, kind), this.#network.scheduler.now + delayMs);
  }
}
