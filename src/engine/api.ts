/**
 * Owns the engine's surface: what it is given (ports, settings, torrents) and what can be asked of it. The engine
 * itself is `session.ts`; hosts (layer 5) and the simulator know only this file and `events.ts`.
 *
 * All calls come from the thread that runs the engine. A call records its wish and returns; results come as events.
 */
import type { Arena } from '../base/arena.ts';
import type { Random } from '../base/random.ts';
import type { BlockCopy } from '../ports/block-copy.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Datagrams } from '../ports/datagram.ts';
import type { Disk } from '../ports/disk.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { HttpClient } from '../ports/http.ts';
import type { Log } from '../ports/log.ts';
import type { Resolver } from '../ports/resolver.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { Time } from '../ports/time.ts';
import type { Transport } from '../ports/transport.ts';
import type { Metainfo } from '../protocol/metainfo/metainfo.ts';
import type { EventSink, PeerSnapshot, TorrentSnapshot, TrackerSnapshot } from './events.ts';
import type { ShareLimits } from './share-limit.ts';

/** The world as one engine sees it. `disk` works on the memory of `arena`. */
export interface EnginePorts {
  readonly time: Time;
  readonly transport: Transport;
  readonly datagrams: Datagrams;
  readonly resolver: Resolver;
  readonly http: HttpClient;
  readonly disk: Disk;
  readonly arena: Arena;
  readonly blockCopy: BlockCopy;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly events: EventSink;
  /** What outlives the process; null for nothing. */
  readonly store: StateStore | null;
}

export interface EngineSettings {
  /** Ports to try in order; `first` 0 takes a free one. */
  readonly firstPort: number;
  readonly lastPort: number;
  /** Canonical local address for listening and dialling, or null for all. */
  readonly bindAddress: string | null;
  /** Connected peers of one torrent, half-open ones included. */
  readonly maxPeersPerTorrent: number;
  /** Connected peers of all torrents, half-open and pending ones included; what the system has descriptors for. */
  readonly maxConnections: number;
  /** Absolute folder for parts of unwanted files, so that they litter nobody's; null keeps them beside the files. */
  readonly partsFolder: string | null;
  /** Names this boot of the machine, so that what was not synced is believed only on it; null where unknown. */
  readonly bootId: string | null;
  /** Limits of the whole session in payload bytes a second; 0 for none. */
  readonly limits: RateLimits;
}

/** Payload bytes a second; 0 for no limit. */
export interface RateLimits {
  readonly maxDownRate: number;
  readonly maxUpRate: number;
}

/** A torrent to start. */
export interface TorrentRequest {
  readonly metainfo: Metainfo;
  /** Bytes of the .torrent file, to be remembered; null when they are not at hand. */
  readonly metainfoBytes: Uint8Array | null;
  /** Absolute directory for the files. */
  readonly directory: string;
  /** Zero-based indices of the wanted files in torrent order; null for all. */
  readonly selectedFiles: readonly number[] | null;
  /** `HOST:PORT` of peers to dial; trusted also on loopback. */
  readonly peers: readonly string[];
  readonly useTrackers: boolean;
  readonly overwrite: boolean;
  /** Go on as a seed when everything wanted is there, until a limit is reached (`share-limit`); null to end there. */
  readonly seed: ShareLimits | null;
  readonly limits: RateLimits;
}

export interface Engine {
  /** Listens; the `listening` event or an `error` event with a null info hash follows. */
  start(): void;
  /**
   * Starts a torrent; its info hash in hexadecimal. Throws `InputError` for one that is there already, that has no
   * v1 part, whose selection is empty, or one of whose `peers` is malformed.
   */
  addTorrent(request: TorrentRequest): string;
  /** Stops a torrent gracefully; its `stopped` event follows. Harmless when it is unknown or stopping. */
  removeTorrent(infoHash: string): void;
  /** Leaves the swarm and keeps everything else; harmless unless the torrent downloads or seeds. */
  pauseTorrent(infoHash: string): void;
  /** Goes on after a pause; harmless when it is not paused. */
  resumeTorrent(infoHash: string): void;
  /** Announces as soon as the trackers' least intervals permit. Harmless when the torrent is unknown. */
  announceNow(infoHash: string): void;
  /** Connected peers that have each piece, 255 for more; null when the torrent is unknown or still opening. */
  pieceAvailability(infoHash: string): Uint8Array | null;
  /** Changes the limits of a torrent, or of the session for null. Harmless when the torrent is unknown. */
  setLimits(infoHash: string | null, limits: RateLimits): void;
  torrentSnapshots(): TorrentSnapshot[];
  torrentSnapshot(infoHash: string): TorrentSnapshot | null;
  peerSnapshots(infoHash: string): PeerSnapshot[];
  trackerSnapshots(infoHash: string): TrackerSnapshot[];
  /** One bit a piece in wire order; a copy. */
  verifiedPieces(infoHash: string): Uint8Array | null;
  /** Stops all torrents gracefully, then the disk, then emits `closed`. Harmless when closing. */
  close(): void;
}
