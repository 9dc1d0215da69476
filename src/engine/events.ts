/**
 * Owns what the engine tells the outside: events and snapshots, all plain values that cross threads and become JSON.
 *
 * Sizes are integer bytes, rates are bytes a second, times are milliseconds unless the name says otherwise.
 * The client layer adds `time`. Info hashes are lower-case hexadecimal. Tracker URLs are masked: a passkey never
 * leaves the engine.
 */

/** Where a candidate came from. */
export type PeerSource = 'tracker' | 'user' | 'incoming' | 'resume';

export type TorrentState =
  | 'opening' // the disk prepares the storage
  | 'checking' // existing data is hashed
  | 'downloading'
  | 'complete' // everything wanted is verified, and it is not to be seeded
  | 'seeding' // everything wanted is verified
  | 'paused' // by wish: no peers, no trackers, the files stay open
  | 'stopping' // saying goodbye
  | 'stopped'
  | 'error';

/** Why a torrent does what it does, decided by the engine, in words for people. */
export interface Diagnosis {
  /** Stable, for instance `no-peers`, `all-choked`, `downloading`. */
  readonly code: string;
  /** One sentence without a full stop. */
  readonly sentence: string;
}

export interface TorrentSnapshot {
  readonly infoHash: string;
  readonly name: string;
  readonly state: TorrentState;
  readonly diagnosis: Diagnosis;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  /** Bytes of all files, without padding. */
  readonly totalBytes: number;
  /** Bytes of the wanted files, without padding. */
  readonly wantedBytes: number;
  /** Verified bytes of the wanted files, without padding. */
  readonly verifiedBytes: number;
  /** Pieces checked so far while `checking`. */
  readonly checkedPieces: number;
  /** Payload received from peers since the start, wasted bytes included. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly wastedBytes: number;
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** Seconds until everything wanted is there at the present rate; null when unknown. */
  readonly etaSeconds: number | null;
  readonly connectedPeers: number;
  readonly connectingPeers: number;
  /** Candidates that are not connected. */
  readonly knownPeers: number;
  /** Connected peers that have every piece. */
  readonly connectedSeeds: number;
  /** Connected peers that do not choke us. */
  readonly unchokingPeers: number;
  /** Milliseconds since the last block arrived, or since the start. */
  readonly idleMs: number;
}

export interface PeerSnapshot {
  /** `ADDRESS:PORT`, brackets around IPv6. */
  readonly endpoint: string;
  /** Name and version in words; from the peer id (BEP 20). */
  readonly client: string;
  readonly source: PeerSource;
  readonly isIncoming: boolean;
  /** Share of the pieces that it has, 0 to 1. */
  readonly progress: number;
  readonly amInterested: boolean;
  readonly peerChoking: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly isSnubbed: boolean;
  readonly downloadRate: number;
  readonly uploadRate: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** Our requests outstanding at the peer. */
  readonly requestQueueLength: number;
}

export type TrackerStatus = 'working' | 'announcing' | 'failed' | 'waiting';

export interface TrackerSnapshot {
  /** Masked. */
  readonly url: string;
  readonly tier: number;
  readonly status: TrackerStatus;
  /** In words: the failure, the tracker's warning, or empty. */
  readonly message: string;
  /** Milliseconds since the last answer; null before the first. */
  readonly lastAnswerAgeMs: number | null;
  /** Milliseconds until the next announce; null when none is planned. */
  readonly nextAnnounceInMs: number | null;
  readonly peers: number | null;
  readonly seeds: number | null;
  readonly leeches: number | null;
}

/** What happened. `infoHash` is null for what concerns the whole session. */
export type EngineEvent =
  | {
      readonly event: 'listening';
      readonly infoHash: null;
      readonly address: string;
      readonly port: number;
    }
  | {
      readonly event: 'metadata';
      readonly infoHash: string;
      readonly name: string;
      readonly totalBytes: number;
      readonly wantedBytes: number;
      readonly pieceLength: number;
      readonly pieceCount: number;
      readonly fileCount: number;
      readonly isPrivate: boolean;
    }
  | {
      readonly event: 'checked';
      readonly infoHash: string;
      readonly verifiedPieces: number;
      readonly pieceCount: number;
      readonly verifiedBytes: number;
      readonly wantedBytes: number;
    }
  | {
      readonly event: 'peer-connected';
      readonly infoHash: string;
      readonly peer: string;
      readonly client: string;
      readonly source: PeerSource;
    }
  | {
      readonly event: 'peer-disconnected';
      readonly infoHash: string;
      readonly peer: string;
      /** A code of `close-reason.ts`. */
      readonly reason: string;
      readonly message: string;
      readonly isBanned: boolean;
      readonly downloadedBytes: number;
      readonly uploadedBytes: number;
    }
  | { readonly event: 'piece-verified'; readonly infoHash: string; readonly piece: number }
  | { readonly event: 'piece-failed'; readonly infoHash: string; readonly piece: number }
  | {
      readonly event: 'file-completed';
      readonly infoHash: string;
      readonly file: number;
      readonly path: string;
    }
  | {
      readonly event: 'tracker';
      readonly infoHash: string;
      readonly url: string;
      /** The announce event, `none` for a periodic one. */
      readonly announce: 'started' | 'completed' | 'stopped' | 'none';
      readonly ok: boolean;
      readonly message: string;
      /** Peers in the answer. */
      readonly peers: number;
      readonly seeds: number | null;
      readonly leeches: number | null;
      readonly intervalSeconds: number | null;
    }
  | {
      readonly event: 'completed';
      readonly infoHash: string;
      readonly downloadedBytes: number;
      readonly uploadedBytes: number;
      readonly wastedBytes: number;
      readonly durationMs: number;
      /** False when the data was complete at the start. */
      readonly downloadedNow: boolean;
    }
  | {
      readonly event: 'share-limit';
      readonly infoHash: string;
      /** Which limit was reached; the torrent seeds on until it is removed. */
      readonly limit: 'ratio' | 'time';
      readonly uploadedBytes: number;
      readonly seedingMs: number;
    }
  | {
      readonly event: 'stopped';
      readonly infoHash: string;
      readonly downloadedBytes: number;
      readonly uploadedBytes: number;
      readonly verifiedBytes: number;
      readonly wantedBytes: number;
      /** Trackers that heard `started` and answered `stopped` / did not answer in time. */
      readonly trackersToldStopped: number;
      readonly trackersNotTold: number;
    }
  | {
      readonly event: 'error';
      readonly infoHash: string | null;
      /** A failure code (`ports/failure.ts`), or `bug`. */
      readonly code: string;
      /** One sentence: what failed, on what, what to do. */
      readonly message: string;
    }
  | {
      readonly event: 'state';
      readonly infoHash: null;
      /** A failure code of the store, or `set-aside`. */
      readonly code: string;
      /** One sentence: what is wrong with the remembered state, and what follows. */
      readonly message: string;
    }
  | { readonly event: 'closed'; readonly infoHash: null };

/** Where events go. Must not call back into the engine. */
export interface EventSink {
  emit(event: EngineEvent): void;
}
