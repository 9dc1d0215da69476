/**
 * Owns what is said to the store about one torrent: the person's wishes and this session's numbers, in the store's shapes.
 * When it is said is decided by `resume-keeper.ts`.
 */
import {
  MAX_GOOD_PEERS,
  type ResumeData,
  type StoredTorrent,
  type TorrentProgress,
  type TorrentSettings,
  type TorrentUpdate,
} from '../ports/state-store.ts';
import type { TorrentRequest } from './api.ts';
import type { Peer } from './peer.ts';
import { ResumeKeeper, type ResumeWorld } from './resume-keeper.ts';
import type { Torrent } from './torrent.ts';
import type { TorrentShared } from './torrent-shared.ts';

export class TorrentMemory implements ResumeWorld {
  readonly keeper: ResumeKeeper;
  /** When everything wanted was there, milliseconds since 1970; null before. */
  completedAt: number | null = null;
  completedAnnounced = false;
  readonly #torrent: Torrent;
  readonly #request: TorrentRequest;
  readonly #shared: TorrentShared;
  readonly #addedAt: number;
  /** Bytes that good peers gave which are gone, by `ADDRESS:PORT`. */
  readonly #gone = new Map<string, number>();

  constructor(
    torrent: Torrent,
    request: TorrentRequest,
    shared: TorrentShared,
    stored: StoredTorrent | null,
  ) {
    this.#torrent = torrent;
    this.#request = request;
    this.#shared = shared;
    this.#addedAt = shared.time.wallClock();
    this.keeper = new ResumeKeeper(
      {
        infoHash: torrent.infoHash,
        metainfo: request.metainfoBytes,
        stored,
        directory: request.directory,
        bootId: shared.bootId,
        now: shared.time.now(),
      },
      this,
    );
  }

  get isRemembering(): boolean {
    return this.#shared.store.isRemembering;
  }

  requestSnapshot(sync: boolean): void {
    this.#shared.disk.snapshot(this.#torrent.storage, sync);
  }

  save(update: TorrentUpdate): void {
    this.#shared.store.save(update);
  }

  settings(): TorrentSettings {
    const { directory, selectedFiles, peers, useTrackers, seed, limits } = this.#request;
    return {
      directory,
      selectedFiles,
      peers,
      useTrackers,
      isPaused: false,
      isSeeding: seed !== null,
      isSuperSeeding: false,
      maxDownRate: limits.maxDownRate,
      maxUpRate: limits.maxUpRate,
      maxRatio: seed?.ratio ?? null,
      maxSeedingMs: seed?.seedTimeMs ?? null,
    };
  }

  sessionProgress(): TorrentProgress {
    const torrent = this.#torrent;
    const now = this.#shared.time.now();
    return {
      uploadedBytes: torrent.uploadedBytes,
      downloadedBytes: torrent.downloadedBytes,
      wastedBytes: torrent.downloader?.wastedBytes ?? 0,
      addedAt: this.#addedAt,
      completedAt: this.completedAt,
      activeMs: now - torrent.startedAt,
      seedingMs: torrent.seedingMs(now),
      completedAnnounced: this.completedAnnounced,
      goodPeers: this.#goodPeers(),
    };
  }

  onSnapshot(resume: ResumeData | null): void {
    this.keeper.onSnapshot(resume);
  }

  /** A peer is gone: what it gave is remembered. */
  onPeerGone(peer: Peer): void {
    if (!isGood(peer)) return;
    this.#gone.set(peer.name, peer.downMeter.total + (this.#gone.get(peer.name) ?? 0));
    if (this.#gone.size > MAX_GOOD_PEERS) {
      const [least] = [...this.#gone].sort((a, b) => a[1] - b[1]);
      this.#gone.delete(least![0]);
    }
  }

  /** Dialled peers that gave us most, present and past. */
  #goodPeers(): string[] {
    const given = new Map(this.#gone);
    for (const peer of this.#torrent.swarm?.peers() ?? []) {
      if (isGood(peer)) given.set(peer.name, peer.downMeter.total + (given.get(peer.name) ?? 0));
    }
    const best = [...given].sort((a, b) => b[1] - a[1]).slice(0, MAX_GOOD_PEERS);
    return best.map(([name]) => name);
  }
}

/** We know where it listens, and it gave us more than it wasted. */
function isGood(peer: Peer): boolean {
  return !peer.isIncoming && peer.downMeter.total > peer.wastedBytes;
}
