/**
 * Owns what is said to the store about one torrent: the person's wishes and this session's numbers, in the store's shapes.
 * When it is said is decided by `resume-keeper.ts`.
 */
import { formatEndpoint } from '../base/endpoint.ts';
import {
  MAX_GOOD_PEERS,
  type ResumeData,
  type StoredTorrent,
  type TorrentProgress,
  type TorrentSettings,
  type TorrentUpdate,
} from '../ports/state-store.ts';
import type { TorrentRequest } from './api.ts';
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

  requestSnapshot(sync: boolean): void {
    this.#shared.disk.snapshot(this.#torrent.storage, sync);
  }

  save(update: TorrentUpdate): void {
    this.#shared.store?.save(update);
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

  /** Dialled peers that gave us most. */
  #goodPeers(): string[] {
    const peers = [];
    for (const peer of this.#torrent.swarm?.peers() ?? []) {
      if (peer.isReady && !peer.isIncoming && peer.downMeter.total > peer.wastedBytes) peers.push(peer);
    }
    peers.sort((a, b) => b.downMeter.total - a.downMeter.total);
    return peers.slice(0, MAX_GOOD_PEERS).map((peer) => formatEndpoint(peer.endpoint));
  }
}
