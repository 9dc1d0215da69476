/**
 * Owns one running engine on the current thread: commands in, answers and events out, the progress clock, and
 * the end, good or bad. Threads and promises are the links' and the client's.
 *
 * Invariants: `closed` is the last event and comes exactly once; a bug in the engine becomes an `error` event
 * with code `bug`, then `closed`; after either, every command is refused. The engine never waits for the
 * reader.
 */

import { InputError } from '../base/input-error.ts';
import type { Engine, RateLimits } from '../engine/api.ts';
import type { EngineEvent, EventSink, TorrentSnapshot } from '../engine/events.ts';
import type { AddTorrentOptions, ProgressEvent, TorrentDetails } from './api.ts';
import { bugSentence } from './bug-sentence.ts';
import { checkAddOptions, rateLimits } from './check-options.ts';
import { ClientError } from './client-error.ts';
import type { EngineFactory, EngineInstance } from './engine-factory.ts';
import { EventQueue, MAX_WAITING_EVENTS } from './event-queue.ts';
import type { HostAnswer, HostCommand, HostMessage, HostSettings, Refusal } from './host-messages.ts';

const OVERFULL =
  `nobody read the events: ${MAX_WAITING_EVENTS} are waiting, so the download stops; ` +
  'start it again to go on, with a reader that keeps up';

/** How long events about pieces wait for others; people see no difference. */
const LAZY_FLUSH_MS = 20;

export class EngineHost implements EventSink {
  readonly #post: (message: HostMessage) => void;
  readonly #queue: EventQueue;
  readonly #instance: EngineInstance;
  readonly #progressTimer: NodeJS.Timeout;
  #isBatchOut = false;
  #isFlushPlanned = false;
  #lazyTimer: NodeJS.Timeout | null = null;
  /** Something waits that people should hear of at once. */
  #isUrgent = false;
  #isOverfull = false;
  #isClosed = false;

  /** Makes and starts the engine. `queue` is replaced in tests of its limit. */
  constructor(
    settings: HostSettings,
    createEngine: EngineFactory,
    post: (message: HostMessage) => void,
    queue: EventQueue = new EventQueue(),
  ) {
    this.#post = post;
    this.#queue = queue;
    this.#instance = createEngine(settings, this, (error) => this.#die(error));
    this.#progressTimer = setInterval(() => this.#emitProgress(), settings.progressIntervalMs);
    this.#guard(() => this.#engine.start());
  }

  get #engine(): Engine {
    return this.#instance.engine;
  }

  /** Events from the engine. */
  emit(event: EngineEvent): void {
    if (this.#isClosed) return;
    this.#enqueue(event);
    if (event.event === 'closed') this.#end();
  }

  handle(command: HostCommand): void {
    switch (command.kind) {
      case 'taken':
        this.#isBatchOut = false;
        this.#planFlush();
        return;
      case 'close':
        if (!this.#isClosed) this.#guard(() => this.#engine.close());
        return;
      case 'add':
        this.#answer(command.id, () => this.#add(command.options));
        return;
      case 'remove':
        this.#answer(command.id, () => this.#remove(command.infoHash));
        return;
      case 'limits':
        this.#answer(command.id, () => this.#setLimits(command.infoHash, command.limits));
        return;
      case 'pause':
        this.#answer(command.id, () => this.#steer(() => this.#engine.pauseTorrent(command.infoHash)));
        return;
      case 'resume':
        this.#answer(command.id, () => this.#steer(() => this.#engine.resumeTorrent(command.infoHash)));
        return;
      case 'announce':
        this.#answer(command.id, () => this.#steer(() => this.#engine.announceNow(command.infoHash)));
        return;
      case 'details':
        this.#answer(command.id, () => this.#details(command.infoHash));
        return;
    }
  }

  /** Ends the engine at once, without a word. */
  destroy(): void {
    if (!this.#isClosed) this.#end();
  }

  #add(options: AddTorrentOptions): string {
    checkAddOptions(options);
    return this.#engine.addTorrent({
      metainfo: this.#instance.parseMetainfo(options.metainfo),
      metainfoBytes: options.metainfo,
      directory: options.directory,
      selectedFiles: options.selectedFiles ?? null,
      peers: options.peers ?? [],
      useTrackers: options.useTrackers ?? true,
      overwrite: options.overwrite ?? false,
      seed: options.seed ?? null,
      limits: rateLimits(options),
    });
  }

  #remove(infoHash: string): boolean {
    const snapshot = this.#engine.torrentSnapshot(infoHash);
    if (snapshot === null || snapshot.state === 'stopped') return false;
    this.#engine.removeTorrent(infoHash);
    return true;
  }

  #steer(call: () => void): null {
    call();
    return null;
  }

  #setLimits(infoHash: string | null, limits: RateLimits): null {
    this.#engine.setLimits(infoHash, rateLimits(limits));
    return null;
  }

  #details(infoHash: string): TorrentDetails | null {
    const torrent = this.#engine.torrentSnapshot(infoHash);
    const have = this.#engine.verifiedPieces(infoHash);
    const availability = this.#engine.pieceAvailability(infoHash);
    if (torrent === null || have === null || availability === null) return null;
    return {
      torrent,
      peers: this.#engine.peerSnapshots(infoHash),
      trackers: this.#engine.trackerSnapshots(infoHash),
      have,
      availability,
    };
  }

  #answer(id: number, call: () => HostAnswer): void {
    if (this.#isClosed) {
      const refusal: Refusal = { kind: 'client', code: 'closed', message: 'the client is closed' };
      this.#post({ kind: 'refused', id, refusal });
      return;
    }
    try {
      this.#post({ kind: 'answer', id, value: call() });
    } catch (error) {
      this.#post({ kind: 'refused', id, refusal: toRefusal(error) });
      if (!(error instanceof InputError)) this.#die(error);
    }
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#die(error);
    }
  }

  #die(error: unknown): void {
    if (this.#isClosed) return;
    this.#enqueue({ event: 'error', infoHash: null, code: 'bug', message: bugSentence(error) });
    this.#enqueue({ event: 'closed', infoHash: null });
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    clearInterval(this.#progressTimer);
    if (this.#lazyTimer !== null) clearTimeout(this.#lazyTimer);
    this.#post({ kind: 'ended' });
    // Later, because this may run inside a call of the engine, whose world must not vanish under it.
    setImmediate(() => this.#instance.destroy());
  }

  #emitProgress(): void {
    this.#guard(() => {
      for (const snapshot of this.#engine.torrentSnapshots()) {
        if (isActive(snapshot)) this.#enqueue({ event: 'progress', ...snapshot });
      }
    });
  }

  #enqueue(event: EngineEvent | ProgressEvent): void {
    const isQueued = this.#queue.push({ ...event, time: new Date().toISOString() });
    if (!isQueued && !this.#isOverfull) this.#stopOverfull();
    this.#isUrgent ||= event.event !== 'piece-verified';
    this.#planFlush();
  }

  #stopOverfull(): void {
    this.#isOverfull = true;
    this.#enqueue({ event: 'error', infoHash: null, code: 'slow-reader', message: OVERFULL });
    // Not from inside the engine's `emit`: the engine must not be called back there.
    setImmediate(() => this.handle({ kind: 'close' }));
  }

  /**
   * Events of one turn of the event loop travel together. Verified pieces come by the thousand a second, and a message to
   * another thread costs more than all else about them: they wait a little for company.
   */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#isBatchOut || this.#queue.isEmpty) return;
    if (!this.#isUrgent) {
      this.#lazyTimer ??= setTimeout(() => {
        this.#lazyTimer = null;
        this.#flush();
      }, LAZY_FLUSH_MS);
      return;
    }
    this.#isFlushPlanned = true;
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isBatchOut || this.#queue.isEmpty) return;
    this.#isBatchOut = true;
    this.#isUrgent = false;
    this.#post({ kind: 'events', events: this.#queue.takeBatch() });
  }
}

function isActive(snapshot: TorrentSnapshot): boolean {
  return snapshot.state !== 'stopped' && snapshot.state !== 'error';
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof InputError) return { kind: 'input', code: error.code, message: error.message };
  if (error instanceof ClientError) return { kind: 'client', code: error.code, message: error.message };
  return { kind: 'client', code: 'bug', message: bugSentence(error) };
}
