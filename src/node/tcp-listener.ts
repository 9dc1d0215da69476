/**
 * Owns one listening TCP socket: its start, also where IPv6 is missing, and what happens when connections cannot be
 * accepted for lack of descriptors.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { Listener, ListenResult } from '../ports/transport.ts';
import { tcpFailure } from './tcp-errors.ts';

/** Connections that the system holds until they are accepted. */
const BACKLOG = 511;

export interface TcpListenerHost {
  onSocket(socket: Socket): void;
  /** A connection could not be accepted; the listener lives on. */
  onAcceptFailed(): void;
  /** Something was reported: a turn is due. */
  requestTurn(): void;
}

/** Listens on `local`, on all IPv4 addresses where `::` was wanted and the system has no IPv6. */
export function listenTcp(local: Endpoint, host: TcpListenerHost, result: ListenResult): void {
  const server = createServer({ noDelay: true });
  const onStartFailed = (error: NodeJS.ErrnoException): void => {
    if (local.address === '::' && isIPv6Missing(error)) {
      listenTcp({ address: '0.0.0.0', port: local.port }, host, result);
      return;
    }
    host.requestTurn();
    result.onListenFailed(tcpFailure(error, 'listen', formatEndpoint(local)));
  };
  server.once('error', onStartFailed);
  server.once('listening', () => {
    server.off('error', onStartFailed);
    server.on('error', () => host.onAcceptFailed());
    host.requestTurn();
    result.onListening(new TcpListener(server, local.address));
  });
  server.on('connection', (socket) => host.onSocket(socket));
  server.listen({ host: local.address, port: local.port, backlog: BACKLOG });
}

function isIPv6Missing(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL' || error.code === 'EINVAL';
}

class TcpListener implements Listener {
  readonly local: Endpoint;
  readonly #server: Server;

  constructor(server: Server, address: string) {
    const bound = server.address();
    this.local = { address, port: bound !== null && typeof bound === 'object' ? bound.port : 0 };
    this.#server = server;
  }

  close(): void {
    this.#server.close();
  }
}
