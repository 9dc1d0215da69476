/** Owns what a session lends to its torrents, and what they tell it. */
import type { Arena } from '../base/arena.ts';
import type { Random } from '../base/random.ts';
import type { TimerQueue } from '../base/timer-queue.ts';
import type { Disk } from '../ports/disk.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { Time } from '../ports/time.ts';
import type { EventSink } from './events.ts';
import type { LimitedTorrents } from './limited-torrents.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { SessionStore } from './session-store.ts';
import type { SwarmShared } from './swarm.ts';
import type { Torrent } from './torrent.ts';
import type { AnnounceClient } from './tracker-announce.ts';
import type { UploadReads } from './upload-reads.ts';

export interface TorrentShared {
  readonly swarm: SwarmShared;
  readonly maxPeers: number;
  readonly arena: Arena;
  readonly reads: UploadReads;
  /** The session's limits. */
  readonly downLimiter: RateLimiter;
  readonly upLimiter: RateLimiter;
  readonly limited: LimitedTorrents;
  readonly disk: Disk;
  readonly store: SessionStore;
  readonly partsFolder: string | null;
  readonly bootId: string | null;
  readonly time: Time;
  readonly timers: TimerQueue;
  readonly random: Random;
  readonly resolver: Resolver;
  readonly announceClient: AnnounceClient;
  readonly peerId: Uint8Array;
  readonly events: EventSink;
  /** A fresh key for trackers, 0 to 2^32 - 1. */
  announceKey(): number;
  listenPort(): number;
  onTorrentDirty(torrent: Torrent): void;
  onDialBlocked(): void;
  /** The torrent stopped and holds nothing any more. */
  onTorrentStopped(torrent: Torrent): void;
}
