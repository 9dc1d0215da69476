/**
 * Owns what the screen knows about one torrent: its newest state, details when it is looked at, the rates of the last
 * minutes, its log, and how its goodbye goes.
 *
 * Everything comes from events and answers of the client; nothing here asks for anything.
 */
import type {
  ClientEvent,
  Metainfo,
  ProgressEvent,
  TorrentDetails,
  TorrentSnapshot,
} from '../../client/index.ts';
import { EventLog } from './event-log.ts';
import { fileTree, type TreeRow } from './file-tree.ts';
import { RateHistory } from './rate-history.ts';
import { VerifiedBytes } from './verified-bytes.ts';

/** A torrent as the command starts it. */
export interface TuiTorrent {
  readonly infoHash: string;
  readonly metainfo: Metainfo;
  /** Indices in torrent order; null for all. */
  readonly selectedFiles: readonly number[] | null;
}

/** Trackers that heard `started`, and those that heard `stopped` since. */
export interface Goodbye {
  readonly trackersToTell: number;
  readonly trackersTold: number;
}

const NORMAL_PRIORITY = 4;

export class TorrentModel {
  readonly infoHash: string;
  readonly name: string;
  readonly metainfo: Metainfo;
  readonly log = new EventLog();
  readonly downloadRates = new RateHistory();
  readonly uploadRates = new RateHistory();
  /** Null before the first. */
  snapshot: TorrentSnapshot | null = null;
  /** Null until somebody looks at this torrent. */
  details: TorrentDetails | null = null;
  verified: VerifiedBytes | null = null;
  /** Sentences that stay when the screen is gone, in order. */
  readonly outcome: { readonly sentence: string; readonly isError: boolean }[] = [];
  readonly #startedTrackers = new Set<string>();
  readonly #stoppedTrackers = new Set<string>();
  readonly #priorities: Uint8Array;
  #tree: TreeRow[] | null = null;

  constructor(torrent: TuiTorrent) {
    this.infoHash = torrent.infoHash;
    this.metainfo = torrent.metainfo;
    this.name = torrent.metainfo.name;
    const count = torrent.metainfo.files.length;
    this.#priorities = new Uint8Array(count).fill(torrent.selectedFiles === null ? NORMAL_PRIORITY : 0);
    for (const file of torrent.selectedFiles ?? []) this.#priorities[file] = NORMAL_PRIORITY;
  }

  get tree(): readonly TreeRow[] {
    this.#tree ??= fileTree(this.metainfo);
    return this.#tree;
  }

  get goodbye(): Goodbye {
    return { trackersToTell: this.#startedTrackers.size, trackersTold: this.#stoppedTrackers.size };
  }

  get isStopped(): boolean {
    return this.snapshot?.state === 'stopped' || this.snapshot?.state === 'error';
  }

  /** 0 to 7. */
  priority(file: number): number {
    return this.#priorities[file] ?? 0;
  }

  setPriority(file: number, priority: number): void {
    this.#priorities[file] = priority;
  }

  onEvent(event: ClientEvent): void {
    this.log.add(event);
    switch (event.event) {
      case 'progress':
        this.#onProgress(event);
        return;
      case 'tracker':
        this.#onTracker(event);
        return;
      case 'stopped':
        this.#onStopped(event);
        return;
      default:
    }
  }

  onDetails(details: TorrentDetails): void {
    this.details = details;
    this.snapshot = details.torrent;
    const { pieceCount, pieceLength } = this.metainfo;
    this.verified = new VerifiedBytes(details.have, pieceCount, pieceLength);
  }

  #onProgress(event: ProgressEvent & { readonly time: string }): void {
    this.snapshot = event;
    const time = Date.parse(event.time);
    this.downloadRates.add(event.downloadRate, time);
    this.uploadRates.add(event.uploadRate, time);
  }

  #onTracker(event: Extract<ClientEvent, { event: 'tracker' }>): void {
    if (event.announce === 'stopped') this.#stoppedTrackers.add(event.url);
    else if (event.ok) this.#startedTrackers.add(event.url);
  }

  #onStopped(event: Extract<ClientEvent, { event: 'stopped' }>): void {
    if (this.snapshot === null) return;
    const { verifiedBytes } = event;
    const diagnosis = { code: 'stopped', sentence: 'stopped' };
    const still = { downloadRate: 0, uploadRate: 0, connectedPeers: 0, connectingPeers: 0, etaSeconds: null };
    this.snapshot = { ...this.snapshot, ...still, state: 'stopped', verifiedBytes, diagnosis };
    if (this.details !== null) this.details = { ...this.details, peers: [] };
  }
}
