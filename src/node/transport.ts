/**
 * Owns the `Transport` port on Node: TCP over `node:net`. One connection's life is `tcp-connection.ts`, one listening
 * socket's `tcp-listener.ts`.
 *
 * Every callback into the engine asks for a turn. Hot: received bytes of dialled connections pass through one buffer, and
 * what is written while a callback runs reaches each socket in one system call behind it.
 */
import type { Socket } from 'node:net';
import { canonicalAddress, type Endpoint } from '../base/endpoint.ts';
import type { Time } from '../ports/time.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  ListenHandler,
  ListenResult,
  Transport,
} from '../ports/transport.ts';
import { TcpConnection, type TcpHost } from './tcp-connection.ts';
import { listenTcp } from './tcp-listener.ts';

/** Large enough that one read empties the system's buffer; larger was not faster. */
const RECEIVE_BUFFER_BYTES = 256 * 1024;

export interface NodeTransportOptions {
  readonly time: Time;
}

export class NodeTransport implements Transport {
  readonly #host: TcpHost;
  #unflushed: TcpConnection[] = [];
  #acceptFailures = 0;

  constructor(options: NodeTransportOptions) {
    this.#host = {
      time: options.time,
      receiveBuffer: new Uint8Array(RECEIVE_BUFFER_BYTES),
      scheduleFlush: (connection) => {
        if (this.#unflushed.length === 0) process.nextTick(this.#flush);
        this.#unflushed.push(connection);
      },
    };
  }

  /** Connections that could not be accepted since the start, most often for lack of descriptors. */
  get acceptFailures(): number {
    return this.#acceptFailures;
  }

  dial(remote: Endpoint, options: DialOptions, handler: ConnectionHandler): Connection {
    const connection = new TcpConnection(remote, this.#host);
    connection.dial(options, handler);
    return connection;
  }

  listen(local: Endpoint, handler: ListenHandler, result: ListenResult): void {
    const { time } = this.#host;
    const choose = (connection: Connection): ConnectionHandler | null => handler.onAccepted(connection);
    listenTcp(
      local,
      {
        onSocket: (socket) => this.#accept(socket, choose),
        onAcceptFailed: () => {
          this.#acceptFailures++;
        },
        requestTurn: () => time.requestTurn(),
      },
      result,
    );
  }

  #accept(socket: Socket, choose: (connection: Connection) => ConnectionHandler | null): void {
    const remote = remoteOf(socket);
    if (remote === null) {
      // Gone before it was looked at.
      this.#acceptFailures++;
      socket.destroy();
      return;
    }
    this.#host.time.requestTurn();
    new TcpConnection(remote, this.#host).accept(socket, choose);
  }

  readonly #flush = (): void => {
    const connections = this.#unflushed;
    this.#unflushed = [];
    for (const connection of connections) connection.flush();
  };
}

/** The other side of an accepted socket in canonical form, a zone id removed; null when the system knows it no more. */
function remoteOf(socket: Socket): Endpoint | null {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return null;
  const address = canonicalAddress(remoteAddress.replace(/%.*$/, ''));
  return address === null ? null : { address, port: remotePort };
}
