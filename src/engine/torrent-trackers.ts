/**
 * Owns what one torrent and its announcer tell each other: true counters one way, candidates and reports the other.
 *
 * Counters are of this session, as BEP 3 has them: since `started`. `left` counts everything that is not verified, wanted or
 * not, because a part of a torrent is no complete one in the eyes of a swarm.
 */
import type { Endpoint } from '../base/endpoint.ts';
import type { AnnounceCounters } from '../protocol/tracker/announce.ts';
import { type AnnounceReport, Announcer, type AnnouncerSummary, type AnnouncerWorld } from './announcer.ts';
import type { TrackerSnapshot } from './events.ts';
import { STOP_TIMEOUT_MS } from './limits.ts';
import type { Torrent } from './torrent.ts';
import type { TorrentShared } from './torrent-shared.ts';

/** How the goodbye went: trackers that heard `stopped`, and that did not answer in time. */
export interface Farewell {
  readonly told: number;
  readonly notTold: number;
}

export class TorrentTrackers implements AnnouncerWorld {
  /** Null until the goodbye is over. */
  farewell: Farewell | null = null;
  readonly #torrent: Torrent;
  readonly #shared: TorrentShared;
  readonly #announcer: Announcer;
  #isStarted = false;

  constructor(torrent: Torrent, infoHash: Uint8Array, useTrackers: boolean, shared: TorrentShared) {
    this.#torrent = torrent;
    this.#shared = shared;
    const { announceClient, timers, time, random, peerId } = shared;
    this.#announcer = new Announcer(
      {
        infoHash,
        peerId,
        key: shared.announceKey(),
        trackers: useTrackers ? torrent.metainfo.trackers : [],
        client: announceClient,
        timers,
        time,
        random,
      },
      this,
    );
  }

  /** Announces `started`, as soon as there is a port to announce; harmless when it was done. */
  start(): void {
    if (this.#isStarted || this.#shared.listenPort() === 0) return;
    this.#isStarted = true;
    this.#announcer.start();
  }

  complete(): void {
    this.#announcer.complete();
  }

  needPeers(): void {
    this.#announcer.needPeers();
  }

  /** Says goodbye; `Torrent.onFarewell` follows, possibly from inside the call. */
  stop(): void {
    this.#announcer.stop(STOP_TIMEOUT_MS);
  }

  snapshots(now: number): TrackerSnapshot[] {
    return this.#announcer.snapshots(now);
  }

  summary(now: number): AnnouncerSummary {
    return this.#announcer.summary(now);
  }

  // AnnouncerWorld

  counters(): AnnounceCounters {
    const { uploadedBytes, downloadedBytes, bytes } = this.#torrent;
    return { uploaded: uploadedBytes, downloaded: downloadedBytes, left: bytes.left };
  }

  announcePort(): number {
    return this.#shared.listenPort();
  }

  onTrackerPeers(peers: readonly Endpoint[], trackerAddress: string | null): void {
    for (const peer of peers) this.#torrent.swarm?.addCandidate(peer, 'tracker', trackerAddress);
  }

  onAnnounceDone(report: AnnounceReport): void {
    this.#shared.events.emit({ event: 'tracker', infoHash: this.#torrent.infoHash, ...report });
  }

  onAnnouncerStopped(told: number, notTold: number): void {
    this.farewell = { told, notTold };
    this.#torrent.onFarewell();
  }
}
