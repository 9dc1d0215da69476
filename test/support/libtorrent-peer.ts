/**
 * Owns peers made of libtorrent (Debian's python3-libtorrent): seeds, and leeches to compare with.
 *
 * The data of a seed is checked by libtorrent before it says that it is ready. No DHT, no local discovery, no port
 * mapping, no µTP: it lives on one loopback address.
 */
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { commandOf } from './peers.ts';
import { type Program, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

/** The program; its own header describes what it takes and says. */
export const LIBTORRENT_SCRIPT = fileURLToPath(new URL('./libtorrent_peer.py', import.meta.url));
/** Checking 2 GiB takes 4 s on a slow machine; twice that and more. */
const READY_TIMEOUT_MS = 60_000;

export interface LibtorrentOptions {
  /** Path of the .torrent file. */
  readonly torrent: string;
  /** Where the data is or goes. */
  readonly directory: string;
  /** Loopback address. Default 127.0.0.1. */
  readonly address?: string;
  readonly port?: number;
  /** Message stream encryption allowed, as is its default. */
  readonly encryption?: boolean;
}

export interface LibtorrentStatus {
  readonly progress: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly peers: number;
}

interface LibtorrentEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

export class LibtorrentPeer {
  readonly program: Program;
  readonly address: string;
  readonly port: number;
  readonly #events: LibtorrentEvent[] = [];
  #waiting: { event: string; resolve: (event: LibtorrentEvent) => void }[] = [];

  constructor(program: Program, address: string, port: number) {
    this.program = program;
    this.address = address;
    this.port = port;
    program.onLine((line) => this.#onEvent(JSON.parse(line) as LibtorrentEvent));
  }

  /** `HOST:PORT` for `--peer`. */
  get endpoint(): string {
    return this.address.includes(':') ? `[${this.address}]:${this.port}` : `${this.address}:${this.port}`;
  }

  get events(): readonly LibtorrentEvent[] {
    return this.#events;
  }

  /** Dials another peer. */
  connect(host: string, port: number): void {
    this.#send({ command: 'connect', host, port });
  }

  /** Limits what it sends; 0 lifts the limit. */
  limit(bytesPerSecond: number): void {
    this.#send({ command: 'limit', bytesPerSecond });
  }

  async status(): Promise<LibtorrentStatus> {
    const answer = this.#next('status');
    this.#send({ command: 'status' });
    return (await this.program.whileRunning(answer, 10_000, 'status')) as unknown as LibtorrentStatus;
  }

  /** Everything is there, verified and written. */
  async finished(timeoutMs: number): Promise<void> {
    if (this.#events.some((event) => event.event === 'finished')) return;
    await this.program.whileRunning(this.#next('finished'), timeoutMs, 'a finished download');
  }

  /** The data was checked and the port is open. */
  async ready(): Promise<void> {
    const error = this.#next('error').then((event) => {
      throw new Error(`libtorrent: ${String(event['message'])}`);
    });
    await this.program.whileRunning(Promise.race([this.#next('ready'), error]), READY_TIMEOUT_MS, 'ready');
  }

  #next(event: string): Promise<LibtorrentEvent> {
    return new Promise((resolve) => this.#waiting.push({ event, resolve }));
  }

  #send(command: Readonly<Record<string, unknown>>): void {
    this.program.writeLine(JSON.stringify(command));
  }

  #onEvent(event: LibtorrentEvent): void {
    this.#events.push(event);
    const due = this.#waiting.filter((waiting) => waiting.event === event.event);
    this.#waiting = this.#waiting.filter((waiting) => waiting.event !== event.event);
    for (const waiting of due) waiting.resolve(event);
  }
}

/** Starts a peer; resolves when it has checked what it has and accepts connections. */
export async function startLibtorrent(scope: Scope, options: LibtorrentOptions): Promise<LibtorrentPeer> {
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const { torrent, directory, encryption = true } = options;
  const parameters = [LIBTORRENT_SCRIPT, JSON.stringify({ torrent, directory, address, port, encryption })];
  const program = startProgram(scope, commandOf('libtorrent'), parameters, { hasInput: true });
  const peer = new LibtorrentPeer(program, address, port);
  await peer.ready();
  return peer;
}
