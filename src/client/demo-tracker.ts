/**
 * Owns the tracker of the demonstration: HTTP on loopback, compact answers (BEP 3, 23), peers remembered for as long as it
 * runs. It serves the demonstration only, so it holds no more than a few peers.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { percentDecode } from '../base/percent.ts';
import { toHex, toUtf8 } from '../base/text.ts';
import { writeBencode } from '../protocol/bencode/write-bencode.ts';

/** More than the demonstration has; whoever else comes is not remembered. */
const MAX_PEERS = 100;
const INTERVAL_SECONDS = 60;

export class DemoTracker {
  readonly #server: Server;
  /** Ports of the peers on 127.0.0.1 by info hash and peer id. */
  readonly #ports = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const body = this.#answer(new URL(`http://demo${request.url ?? '/'}`));
      response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' }).end(body);
    });
  }

  static async start(): Promise<DemoTracker> {
    const tracker = new DemoTracker(createServer());
    await new Promise<void>((resolve, reject) => {
      tracker.#server.once('error', reject);
      tracker.#server.listen(0, '127.0.0.1', resolve);
    });
    return tracker;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/announce`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(url: URL): Uint8Array {
    const infoHash = rawParameter(url, 'info_hash');
    const self = `${infoHash} ${rawParameter(url, 'peer_id')}`;
    const port = Number(url.searchParams.get('port'));
    if (url.searchParams.get('event') === 'stopped') this.#ports.delete(self);
    else if (port > 0 && port < 65_536 && this.#ports.size < MAX_PEERS) this.#ports.set(self, port);
    const peers = [...this.#ports].filter(([key]) => key !== self && key.startsWith(`${infoHash} `));
    const compact = new Uint8Array(peers.length * 6);
    for (const [index, [, peerPort]] of peers.entries()) {
      compact.set([127, 0, 0, 1, peerPort >>> 8, peerPort & 255], index * 6);
    }
    return writeBencode(
      new Map<string, number | Uint8Array>([
        ['interval', INTERVAL_SECONDS],
        ['peers', compact],
      ]),
    );
  }
}

/** A parameter of bytes, in hexadecimal: `URLSearchParams` takes them for UTF-8 and damages them. */
function rawParameter(url: URL, name: string): string {
  const [, value] = new RegExp(`[?&]${name}=([^&]*)`).exec(url.search) ?? [];
  return value === undefined ? '' : toHex(percentDecode(toUtf8(value)));
}
