/**
 * Owns the HTTP servers of the simulated world: who answers at which host and port, and with what.
 */
import type { SimHost } from './sim-host.ts';

export interface ServerRequest {
  readonly path: string;
  /** What follows the question mark, still percent-encoded; empty when there is none. */
  readonly query: string;
  readonly remoteAddress: string;
}

export interface ServerAnswer {
  readonly status: number;
  /** After decompression. */
  readonly body: Uint8Array;
  /** Target of a redirect, or null. */
  readonly location: string | null;
  /** How long the server thinks. */
  readonly delayMs: number;
}

export interface HttpServer {
  /** The answer, or null to stay silent for ever. */
  answer(request: ServerRequest): ServerAnswer | null;
}

export class Web {
  readonly #servers = new Map<string, HttpServer>();

  register(host: SimHost, port: number, server: HttpServer): void {
    this.#servers.set(`${host.index}:${port}`, server);
  }

  serverAt(host: SimHost, port: number): HttpServer | null {
    return this.#servers.get(`${host.index}:${port}`) ?? null;
  }
}
