/**
 * The public interface of the library: plain values in, promises and events out. The command line and every
 * other user interface see the engine only through this file.
 *
 * The engine runs on the caller's thread or in a worker; both hosts implement `Client` and behave alike.
 */
import type { EngineEvent, PeerSnapshot, TorrentSnapshot, TrackerSnapshot } from '../engine/events.ts';

export type {
  Diagnosis,
  PeerSnapshot,
  TorrentSnapshot,
  TorrentState,
  TrackerSnapshot,
} from '../engine/events.ts';

export interface ClientOptions {
  /** Ports to try to listen on, in order; `first` 0 takes a free one. Default 0. */
  readonly port?: { readonly first: number; readonly last: number };
  /** Local IP address for listening and dialling; null for all. */
  readonly bindAddress?: string | null;
  /** Where the engine runs. Default `worker`. */
  readonly host?: 'worker' | 'thread';
  /** Bytes of the block arena. Default 64 MiB. */
  readonly arenaBytes?: number;
  /** Connected peers a torrent. Default 200. */
  readonly maxPeersPerTorrent?: number;
  /**
   * Absolute folder in which the state of downloads is remembered, so that a restart goes on without checking everything.
   * One client at a time has it; another one runs without, and says so in a `state` event. Null remembers nothing. Default
   * null.
   */
  readonly stateFolder?: string | null;
  /** Limits of all torrents together, payload bytes a second; 0 for none. Default 0. */
  readonly maxDownRate?: number;
  readonly maxUpRate?: number;
  /** Milliseconds between `progress` events. Default 1000. */
  readonly progressIntervalMs?: number;
}

export interface AddTorrentOptions {
  /** Bytes of the .torrent file. */
  readonly metainfo: Uint8Array;
  /** Absolute directory for the files. */
  readonly directory: string;
  /** Zero-based indices of the wanted files, in torrent order; null for all. */
  readonly selectedFiles?: readonly number[] | null;
  /** Peers to dial, `HOST:PORT`, trusted also on loopback. */
  readonly peers?: readonly string[];
  /** Announce to the torrent's trackers. Default true. */
  readonly useTrackers?: boolean;
  /** Replace files of which nothing verifies. Default false. */
  readonly overwrite?: boolean;
  /**
   * Go on as a seed when everything wanted is there. A `share-limit` event tells when a limit is reached; the torrent seeds
   * until it is removed. Null ends with `completed`. Default null.
   */
  readonly seed?: SeedOptions | null;
  /** Limits of this torrent, payload bytes a second; 0 for none. Default 0. */
  readonly maxDownRate?: number;
  readonly maxUpRate?: number;
}

/** When a torrent has given back enough; null for never. */
export interface SeedOptions {
  /** Payload sent over bytes of the wanted files. */
  readonly ratio: number | null;
  readonly seedTimeMs: number | null;
}

export interface TorrentDetails {
  readonly torrent: TorrentSnapshot;
  readonly peers: readonly PeerSnapshot[];
  readonly trackers: readonly TrackerSnapshot[];
  /** One bit a piece, wire order: verified pieces. */
  readonly have: Uint8Array;
  /** Connected peers that have each piece, 255 for more. */
  readonly availability: Uint8Array;
}

/** Every event carries the time (ISO 8601) at which the engine emitted it. */
export type ClientEvent = (EngineEvent | ProgressEvent) & { readonly time: string };

/** Sent for each torrent while it is active. The only event that may be dropped when the reader is slow. */
export type ProgressEvent = { readonly event: 'progress' } & TorrentSnapshot;

/**
 * Gets the events, in order. A listener that cannot keep up returns a promise: no listener gets another event
 * until it has settled. What waits meanwhile is bounded (`event-queue.ts`), and the engine never waits.
 */
export type ClientListener = (event: ClientEvent) => void | PromiseLike<void>;

export interface Client {
  /**
   * Starts the torrent; its info hash in hexadecimal. Rejects with `InputError` on bad metainfo or options.
   * This and the other calls reject with `ClientError` when the client is closed or its engine has died.
   */
  add(options: AddTorrentOptions): Promise<string>;
  /** Stops one torrent gracefully; resolves after its `stopped` event, or at once when it is unknown. */
  remove(infoHash: string): Promise<void>;
  /** Leaves the swarm for a while; harmless unless the torrent downloads or seeds. */
  pause(infoHash: string): Promise<void>;
  /** Goes on after a pause. */
  resume(infoHash: string): Promise<void>;
  /** Asks the trackers for peers as soon as their least intervals permit. */
  announceNow(infoHash: string): Promise<void>;
  /** Changes the limits of one torrent, or of all together for null; 0 for none. */
  setLimits(infoHash: string | null, limits: { maxDownRate: number; maxUpRate: number }): Promise<void>;
  /** The state of one torrent for a detailed view; null when it is unknown. */
  details(infoHash: string): Promise<TorrentDetails | null>;
  /**
   * Calls `listener` with every event from now on; the result unsubscribes. The first listener also gets what
   * happened before it came. `closed` is always the last event.
   */
  subscribe(listener: ClientListener): () => void;
  /**
   * Stops everything gracefully, 3 s at most for the trackers; resolves after the `closed` event. What has
   * not ended after 5 s is ended by force, so this never hangs and never rejects. Callable again.
   */
  close(): Promise<void>;
}
