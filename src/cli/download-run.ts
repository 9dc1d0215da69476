/**
 * Owns one run of `spate download` once its torrents are read: what becomes of each, when the run is over,
 * and with which exit code. It knows a client and an output, and nothing of how either works.
 *
 * Invariants: a torrent that completed, failed or stalled is removed, and the run waits until it has stopped;
 * the run is over when all have, or when the client is closed.
 */
import { type AddTorrentOptions, type Client, ClientError, type ClientEvent } from '../client/index.ts';
import { EXIT_DONE, EXIT_FAILED, type StopSignal, signalExitCode } from './exit-codes.ts';
import { formatDuration } from './format.ts';
import type { Output } from './output.ts';
import { StallWatch } from './stall-watch.ts';

type Outcome = 'running' | 'completed' | 'failed';

interface RunningTorrent {
  readonly stallWatch: StallWatch | null;
  /** It goes on as a seed when it is complete. */
  readonly seeds: boolean;
  isComplete: boolean;
  outcome: Outcome;
}

export class DownloadRun {
  readonly #client: Client;
  readonly #output: Output;
  readonly #stallTimeoutMs: number | null;
  readonly #torrents = new Map<string, RunningTorrent>();
  readonly #over = Promise.withResolvers<void>();
  #runningCount = 0;
  #isEngineDead = false;
  #stoppedBy: StopSignal | null = null;

  /** Subscribes to `client`, which is this run's own. */
  constructor(client: Client, output: Output, stallTimeoutMs: number | null) {
    this.#client = client;
    this.#output = output;
    this.#stallTimeoutMs = stallTimeoutMs;
    client.subscribe((event) => this.#onEvent(event));
  }

  /**
   * Starts all `requests`, waits until the run is over, closes the client; the exit code. Rejects with
   * `InputError` when a torrent is refused, with the client closed.
   */
  async run(requests: readonly { infoHash: string; options: AddTorrentOptions }[]): Promise<number> {
    try {
      for (const { infoHash, options } of requests) this.#expect(infoHash, (options.seed ?? null) !== null);
      for (const { options } of requests) await this.#client.add(options);
      await this.#over.promise;
    } catch (error) {
      // A client that was closed or died meanwhile has said so itself.
      if (!(error instanceof ClientError)) throw error;
    } finally {
      await this.#client.close();
    }
    return this.#exitCode();
  }

  /** The person, or the system, wants the run to end: everything stops gracefully. */
  stop(signal: StopSignal): void {
    this.#stoppedBy ??= signal;
    void this.#client.close();
  }

  #expect(infoHash: string, seeds: boolean): void {
    const stallWatch = this.#stallTimeoutMs === null ? null : new StallWatch(this.#stallTimeoutMs);
    this.#torrents.set(infoHash, { stallWatch, seeds, isComplete: false, outcome: 'running' });
    this.#runningCount++;
  }

  #onEvent(event: ClientEvent): Promise<void> | undefined {
    const wait = this.#output.onEvent(event);
    const torrent = event.infoHash === null ? undefined : this.#torrents.get(event.infoHash);
    if (event.event === 'closed') this.#over.resolve();
    else if (event.event === 'error' && event.infoHash === null) {
      // What concerns the whole session and did not end it is the engine's to live with: `closed` follows
      // otherwise.
      if (DEADLY_CODES.has(event.code)) this.#isEngineDead = true;
    } else if (torrent?.outcome === 'running') this.#onTorrentEvent(event, torrent);
    return wait;
  }

  #onTorrentEvent(event: ClientEvent, torrent: RunningTorrent): void {
    const infoHash = event.infoHash!;
    if (event.event === 'completed') this.#onCompleted(infoHash, torrent);
    else if (event.event === 'share-limit') this.#settle(infoHash, torrent, 'completed');
    else if (event.event === 'error') this.#settle(infoHash, torrent, 'failed');
    else if (event.event === 'stopped') this.#settle(infoHash, torrent, 'failed');
    else if (torrent.stallWatch?.onEvent(event) === true) {
      const { diagnosis } = event as Extract<ClientEvent, { event: 'progress' }>;
      const waited = formatDuration(this.#stallTimeoutMs! / 1000);
      const message = `gave up after ${waited} without data: ${diagnosis.sentence}`;
      void this.#output.onEvent({ event: 'error', time: event.time, infoHash, code: 'stalled', message });
      this.#settle(infoHash, torrent, 'failed');
    }
  }

  /** The end of a download; a seed goes on, and has succeeded whenever it is stopped. */
  #onCompleted(infoHash: string, torrent: RunningTorrent): void {
    if (torrent.seeds) torrent.isComplete = true;
    else this.#settle(infoHash, torrent, 'completed');
  }

  #settle(infoHash: string, torrent: RunningTorrent, outcome: Outcome): void {
    torrent.outcome = outcome;
    void this.#removed(infoHash).then(() => {
      if (--this.#runningCount === 0) this.#over.resolve();
    });
  }

  async #removed(infoHash: string): Promise<void> {
    try {
      await this.#client.remove(infoHash);
    } catch (error) {
      // The client closed or died first, which ends the torrent as well.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  #exitCode(): number {
    const isAllDone = [...this.#torrents.values()].every((torrent) => torrent.outcome === 'completed');
    if (this.#stoppedBy !== null && !(this.#stoppedBy === 'SIGPIPE' && isAllDone)) {
      return signalExitCode(this.#stoppedBy);
    }
    return isAllDone && !this.#isEngineDead ? EXIT_DONE : EXIT_FAILED;
  }
}

/** Errors without a torrent after which the client closes by itself. */
const DEADLY_CODES: ReadonlySet<string> = new Set(['bug', 'slow-reader', 'timeout']);
