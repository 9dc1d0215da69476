/**
 * Owns many leeches made of libtorrent in one process, each with an address of its own, for tests of a seed that has many to
 * give to. They know of nobody but whom they are told to dial.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { commandOf } from './peers.ts';
import { type Program, startProgram } from './processes.ts';
import type { Scope } from './scope.ts';

/** The program; its own header describes what it takes and says. */
export const LIBTORRENT_LEECHES_SCRIPT = fileURLToPath(new URL('./libtorrent_leeches.py', import.meta.url));
const READY_TIMEOUT_MS = 30_000;

export interface LeechCounters {
  /** Payload in bytes, what was wasted included. */
  readonly downloaded: number;
  readonly uploaded: number;
}

export interface LibtorrentLeechesOptions {
  /** Path of the .torrent file. */
  readonly torrent: string;
  /** Loopback addresses, one for each leech. */
  readonly addresses: readonly string[];
  /** Directory in which the folder of the downloads is made. Default: the system's for temporary files. */
  readonly parent?: string;
  /** Message stream encryption allowed, as is its default. */
  readonly encryption?: boolean;
}

interface LeechesEvent {
  readonly event: string;
  readonly message?: string;
  readonly leeches?: readonly LeechCounters[];
}

export class LibtorrentLeeches {
  readonly program: Program;
  /** Where each one's download lies. */
  readonly directories: readonly string[];
  #finishedCount = 0;
  #isReady = false;
  #statusAnswers: ((counters: readonly LeechCounters[]) => void)[] = [];
  #waiting: (() => void)[] = [];
  #error: string | null = null;

  /** Not for use outside this file. */
  constructor(program: Program, directories: readonly string[]) {
    this.program = program;
    this.directories = directories;
    program.onLine((line) => this.#onEvent(JSON.parse(line) as LeechesEvent));
  }

  /** All listen. */
  async ready(): Promise<void> {
    await this.#until(() => this.#isReady, READY_TIMEOUT_MS, 'ready leeches');
  }

  /** All have everything. */
  async finished(timeoutMs: number): Promise<void> {
    await this.#until(() => this.#finishedCount === this.directories.length, timeoutMs, 'finished leeches');
  }

  /** All dial this peer. */
  connect(host: string, port: number): void {
    this.program.writeLine(JSON.stringify({ command: 'connect', host, port }));
  }

  status(): Promise<readonly LeechCounters[]> {
    const answer = new Promise<readonly LeechCounters[]>((resolve) => this.#statusAnswers.push(resolve));
    this.program.writeLine(JSON.stringify({ command: 'status' }));
    return this.program.whileRunning(answer, READY_TIMEOUT_MS, 'status');
  }

  async #until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      const news = new Promise<void>((resolve) => this.#waiting.push(resolve));
      await this.program.whileRunning(
        news,
        deadline - performance.now(),
        `${what} (${this.#finishedCount} finished)`,
      );
      if (this.#error !== null) throw new Error(`libtorrent: ${this.#error}`);
    }
  }

  #onEvent(event: LeechesEvent): void {
    if (event.event === 'ready') this.#isReady = true;
    else if (event.event === 'finished') this.#finishedCount++;
    else if (event.event === 'status') this.#statusAnswers.shift()?.(event.leeches ?? []);
    else if (event.event === 'error') this.#error = event.message ?? '';
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Starts one leech at each of the addresses; they are ready. */
export async function startLibtorrentLeeches(
  scope: Scope,
  options: LibtorrentLeechesOptions,
): Promise<LibtorrentLeeches> {
  const { torrent, addresses, encryption = true } = options;
  const folder = await scope.directory(options.parent);
  const leeches = [];
  for (const address of addresses) {
    const directory = join(folder, address);
    await mkdir(directory);
    leeches.push({ directory, address, port: await freePort(address) });
  }
  const parameters = [LIBTORRENT_LEECHES_SCRIPT, JSON.stringify({ torrent, leeches, encryption })];
  const program = startProgram(scope, commandOf('libtorrent'), parameters, {
    hasInput: true,
    // The script is beside the one that it shares functions with, and must leave no compiled copy of it there.
    environment: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  const peers = new LibtorrentLeeches(
    program,
    leeches.map(({ directory }) => directory),
  );
  await peers.ready();
  return peers;
}
