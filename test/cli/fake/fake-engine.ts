/**
 * Owns an engine without a swarm for tests of what hosts it: it does what a script says, on the real clock.
 *
 * As a module of a worker (`createEngine`) it takes its script from the "metainfo": JSON `{infoHash,
 * script}`.
 */
import { InputError } from '../../../src/base/input-error.ts';
import type { EngineFactory } from '../../../src/client/engine-factory.ts';
import type { Engine, TorrentRequest } from '../../../src/engine/api.ts';
import type { EngineEvent, EventSink, TorrentSnapshot } from '../../../src/engine/events.ts';
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.ts';
import { progressEvent } from './progress-event.ts';

/** What the engine does when a torrent is added. */
export type Script =
  /** Verifies ten pieces and completes. */
  | 'complete'
  /** Waits for peers for ever. */
  | 'stall'
  /** Emits 3000 verified pieces in one go, then completes. */
  | 'flood'
  /** Fails: the disk is full. */
  | 'fail'
  /** Throws out of a call from the world. */
  | 'bug'
  /** Throws out of `addTorrent`. */
  | 'bug-in-add'
  /** Throws where nothing catches. */
  | 'crash'
  /** Ends its thread. */
  | 'exit'
  /** Never says `stopped` or `closed`. */
  | 'deaf'
  /** Is refused. */
  | 'refuse';

interface ScriptedMetainfo extends Metainfo {
  readonly script?: { readonly infoHash: string; readonly script: Script };
}

export class FakeEngine implements Engine {
  readonly requests: TorrentRequest[] = [];
  readonly removed: string[] = [];
  readonly #events: EventSink;
  readonly #onBug: (error: unknown) => void;
  readonly #script: Script;
  readonly #torrents = new Map<string, Script>();
  readonly #listenFailure: string | null;
  #isDestroyed = false;
  #startedAt = Date.now();

  constructor(
    events: EventSink,
    onBug: (error: unknown) => void,
    script: Script = 'complete',
    listenFailure: string | null = null,
  ) {
    this.#events = events;
    this.#onBug = onBug;
    this.#script = script;
    this.#listenFailure = listenFailure;
  }

  start(): void {
    if (this.#listenFailure === null) {
      this.#later({ event: 'listening', infoHash: null, address: '::', port: 50_000 });
    } else {
      const message = 'port 6881 is in use; choose another with --port';
      this.#later({ event: 'error', infoHash: null, code: this.#listenFailure, message });
    }
  }

  addTorrent(request: TorrentRequest): string {
    const scripted = (request.metainfo as ScriptedMetainfo).script;
    const script = scripted?.script ?? this.#script;
    const infoHash = scripted?.infoHash ?? Buffer.from(request.metainfo.infoHashV1!).toString('hex');
    this.requests.push(request);
    if (script === 'refuse') throw new InputError('bad-torrent', 'the torrent is refused');
    if (script === 'bug-in-add') throw new TypeError('a bug in addTorrent');
    this.#torrents.set(infoHash, script);
    this.#startedAt = Date.now();
    this.#later({
      event: 'metadata',
      infoHash,
      name: 'example',
      totalBytes: 1000,
      wantedBytes: 1000,
      pieceLength: 100,
      pieceCount: 10,
      fileCount: 1,
      isPrivate: false,
    });
    const checked = { verifiedPieces: 0, pieceCount: 10, verifiedBytes: 0, wantedBytes: 1000 };
    this.#later({ event: 'checked', infoHash, ...checked });
    this.#play(infoHash, script);
    return infoHash;
  }

  pauseTorrent(): void {
    throw new Error('no test of this engine pauses');
  }

  resumeTorrent(): void {
    throw new Error('no test of this engine resumes');
  }

  announceNow(): void {
    throw new Error('no test of this engine announces');
  }

  pieceAvailability(): Uint8Array {
    return new Uint8Array(0);
  }

  setLimits(): void {
    throw new Error('no test of this engine changes limits');
  }

  removeTorrent(infoHash: string): void {
    this.removed.push(infoHash);
    if (this.#torrents.get(infoHash) === 'deaf') return;
    if (this.#torrents.delete(infoHash)) this.#stopped(infoHash);
  }

  torrentSnapshots(): TorrentSnapshot[] {
    return [...this.#torrents.keys()].map((infoHash) => this.#snapshot(infoHash));
  }

  torrentSnapshot(infoHash: string): TorrentSnapshot | null {
    return this.#torrents.has(infoHash) ? this.#snapshot(infoHash) : null;
  }

  peerSnapshots(): [] {
    return [];
  }

  trackerSnapshots(): [] {
    return [];
  }

  verifiedPieces(infoHash: string): Uint8Array | null {
    return this.#torrents.has(infoHash) ? new Uint8Array([0xff, 0xc0]) : null;
  }

  close(): void {
    if ([...this.#torrents.values()].includes('deaf')) return;
    for (const infoHash of [...this.#torrents.keys()]) this.removeTorrent(infoHash);
    this.#later({ event: 'closed', infoHash: null });
  }

  destroy(): void {
    this.#isDestroyed = true;
  }

  #play(infoHash: string, script: Script): void {
    if (script === 'complete') this.#complete(infoHash, 10);
    else if (script === 'flood') this.#complete(infoHash, 3000);
    else if (script === 'fail') {
      const message = 'the disk is full; free some space and start again';
      this.#later({ event: 'error', infoHash, code: 'disk-full', message });
    } else if (script === 'bug') setImmediate(() => this.#onBug(new RangeError('a bug')));
    else if (script === 'crash') {
      setImmediate(() => {
        throw new RangeError('a crash');
      });
    } else if (script === 'exit') setImmediate(() => process.exit(7));
  }

  #complete(infoHash: string, pieceCount: number): void {
    setImmediate(() => {
      for (let piece = 0; piece < pieceCount; piece++) {
        this.#emit({ event: 'piece-verified', infoHash, piece });
      }
      const bytes = { downloadedBytes: 1000, uploadedBytes: 0, wastedBytes: 0 };
      this.#emit({ event: 'completed', infoHash, ...bytes, durationMs: 1200, downloadedNow: true });
    });
  }

  #stopped(infoHash: string): void {
    const bytes = { downloadedBytes: 1000, uploadedBytes: 0, verifiedBytes: 1000, wantedBytes: 1000 };
    this.#later({ event: 'stopped', infoHash, ...bytes, trackersToldStopped: 1, trackersNotTold: 0 });
  }

  #snapshot(infoHash: string): TorrentSnapshot {
    const { event: _event, ...snapshot } = progressEvent({
      infoHash,
      diagnosis: { code: 'no-peers', sentence: 'no peers: the tracker knows of none' },
      idleMs: Date.now() - this.#startedAt,
      connectedPeers: 0,
    });
    return snapshot;
  }

  #later(event: EngineEvent): void {
    setImmediate(() => this.#emit(event));
  }

  #emit(event: EngineEvent): void {
    if (!this.#isDestroyed) this.#events.emit(event);
  }
}

/** Reads the scripted "metainfo". */
export function parseScripted(bytes: Uint8Array): Metainfo {
  const text = Buffer.from(bytes).toString();
  if (!text.startsWith('{')) throw new InputError('bad-metainfo', 'not a .torrent file');
  return { script: JSON.parse(text) } as unknown as Metainfo;
}

/** The "metainfo" of a torrent that runs `script`. */
export function scripted(infoHash: string, script: Script): Uint8Array {
  return Buffer.from(JSON.stringify({ infoHash, script }));
}

export const createEngine: EngineFactory = (_settings, events, onBug) => {
  const engine = new FakeEngine(events, onBug);
  return { engine, parseMetainfo: parseScripted, destroy: () => engine.destroy() };
};
