/**
 * The seam to what outlives the process: which torrents there are, what a person asked of them, what is verified, and
 * how much was moved. Plain data only; what it means is the engine's business.
 *
 * Contract:
 * 1. Calls return at once and never complete re-entrantly; answers come in batches at the start of a turn, through the
 *    one `StateStoreHandler`, from inside `deliver`. The engine never waits for the store.
 * 2. `open` is the first call and is answered by `onTorrents`, zero or more times, then one `onOpened`. What is saved
 *    before that answer counts. After `onOpened` with a failure there is no state: saves are forgotten, the rest
 *    answers with that failure, and the engine goes on without.
 * 3. Saves are merged: of each part of a torrent (metainfo, settings, progress, resume data) the newest wins. All that
 *    is merged at one moment becomes durable in one transaction: wholly, or not at all, also when the power fails.
 *    The parts of one `save` are never torn apart.
 * 4. A save is durable at most {@link DURABLE_WITHIN_MS} later, as long as the device keeps up. What waits is bounded:
 *    each torrent's parts once, and once more on their way.
 * 5. A torrent comes into being by a save with `settings`; a save without, of a torrent that is not there, is ignored:
 *    a late save does not bring back what was removed.
 * 6. `onFlushed` with no failure comes only when every save and removal before that `flush` is durable.
 * 7. Trouble (a full disk, …) loses nothing while the process lives: what failed is tried again with what came since.
 *    `onTrouble` tells when it begins, `onRecovered` when everything is durable again.
 * 8. What is loaded is what was saved, byte for byte, or it is not there: damage is found by checksums. A damaged store
 *    is set aside, never deleted, and what is sound in it is carried over. `onSetAside` tells so, before the
 *    `onTorrents` of an `open` or at any later time; whoever hears it later saves all parts of all its torrents again.
 * 9. The store does not look at the torrents' files. Whoever saves `resume` without a `bootId` has had the files' data made
 *    durable (a sync) before, else a power failure can leave a claim whose data is lost.
 * 10. One process at a time has a state folder; the second one's `open` fails with `in-use`. The hold ends with the
 *    process, however it ends.
 * 11. `close` makes durable what it can, then completes with exactly one `onClosed`, after which nothing comes.
 */
import type { FailureCode } from './failure.ts';

/** A save is durable at most this much later: what may be lost by a crash, and is then fetched again. */
export const DURABLE_WITHIN_MS = 2000;
/** Peers remembered for each torrent: enough to get going without a tracker; about 20 bytes each. */
export const MAX_GOOD_PEERS = 100;
/** Torrents in one `onTorrents`, so that a turn stays short. */
export const MAX_TORRENTS_PER_ANSWER = 1000;

/** What a person asked of a torrent. */
export interface TorrentSettings {
  /** Absolute directory of the files. */
  readonly directory: string;
  /** Zero-based indices of the wanted files in torrent order; null for all. */
  readonly selectedFiles: readonly number[] | null;
  /** `HOST:PORT` of the peers that the person named. */
  readonly peers: readonly string[];
  readonly useTrackers: boolean;
  readonly isPaused: boolean;
  /** Goes on uploading when complete. */
  readonly isSeeding: boolean;
  readonly isSuperSeeding: boolean;
  /** Bytes a second; 0 for no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Stop seeding at this ratio of uploaded to downloaded bytes; null for never. */
  readonly maxRatio: number | null;
  /** Stop seeding after this time; null for never. */
  readonly maxSeedingMs: number | null;
}

/** What happened to a torrent, summed over all sessions. Numbers are finite and not negative. */
export interface TorrentProgress {
  /** Payload sent to peers, integer bytes. */
  readonly uploadedBytes: number;
  /** Payload received, wasted bytes included, integer bytes. */
  readonly downloadedBytes: number;
  readonly wastedBytes: number;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  /** Milliseconds since 1970; null while something wanted is missing. */
  readonly completedAt: number | null;
  /** Time spent neither paused nor in error. */
  readonly activeMs: number;
  /** Time spent complete and active. */
  readonly seedingMs: number;
  /** The trackers heard `completed` (BEP 3): once in a torrent's life. */
  readonly completedAnnounced: boolean;
  /** Endpoints (`ADDRESS:PORT`) that were good to us, best first; at most {@link MAX_GOOD_PEERS}. */
  readonly goodPeers: readonly string[];
}

/** A piece of which some blocks are written and none is verified. */
export interface PartialPieceRecord {
  readonly piece: number;
  /** One bit a block, wire order, one for what is written. */
  readonly blocks: Uint8Array;
}

/**
 * The torrent's files as they were when the snapshot was taken. Entry `i` belongs to file `i` in torrent order, the one
 * after the last file to the parts file.
 */
export interface FileStamps {
  /** Integer bytes; -1 where no file was. */
  readonly lengths: Float64Array;
  /**
   * Time of last modification, milliseconds since 1970 with all the fraction that the system gives (a double keeps a
   * quarter of a microsecond), to be compared for equality; 0 where no file was.
   */
  readonly modifiedAt: Float64Array;
}

/** What lets a restart skip checking: one consistent snapshot. */
export interface ResumeData {
  readonly pieceCount: number;
  /** One bit a piece, wire order (BEP 3): verified **and** written, and synced (clause 9). */
  readonly verified: Uint8Array;
  /** Each piece once, in any order; none of them verified. */
  readonly partials: readonly PartialPieceRecord[];
  readonly files: FileStamps;
  /**
   * Null when the claimed data was synced: good for ever. Else the boot of the machine on which the claim is good, because a
   * power failure may have taken the data since.
   */
  readonly bootId: string | null;
}

/** Parts of a torrent to be stored; what is left out stays as it is stored. */
export interface TorrentUpdate {
  /** Lower-case hexadecimal: 40 digits (v1) or 64 (v2). */
  readonly infoHash: string;
  /** Bytes of the .torrent file. */
  readonly metainfo?: Uint8Array;
  readonly settings?: TorrentSettings;
  readonly progress?: TorrentProgress;
  /** Null: nothing is vouched for, everything is to be checked. */
  readonly resume?: ResumeData | null;
}

/** A torrent as it was loaded; its metainfo is asked for apart. */
export interface StoredTorrent {
  readonly infoHash: string;
  readonly hasMetainfo: boolean;
  readonly settings: TorrentSettings;
  /** {@link NO_PROGRESS} when none was saved, or when it was damaged. */
  readonly progress: TorrentProgress;
  readonly resume: ResumeData | null;
}

/** The progress of a torrent of which none is known. */
export const NO_PROGRESS: TorrentProgress = {
  uploadedBytes: 0,
  downloadedBytes: 0,
  wastedBytes: 0,
  addedAt: 0,
  completedAt: null,
  activeMs: 0,
  seedingMs: 0,
  completedAnnounced: false,
  goodPeers: [],
};

/** What the world refused; the codes of all ports and three that only a store has. */
export interface StateFailure {
  readonly code:
    | FailureCode
    | 'in-use' // another process has the state folder, or the file in it
    | 'newer-schema' // written by a newer version of this program
    | 'damaged'; // what was asked for is stored and not sound
  /** A verb: "open", "lock", "write", … */
  readonly operation: string;
  /** What it was tried on; for `in-use` with the process that has it, if that is known. For people, never compared. */
  readonly detail: string;
}

/** A damaged store was moved out of the way. */
export interface SetAside {
  /** Where the damaged store lies now. */
  readonly path: string;
  /** What was found, for people: a phrase without a full stop. */
  readonly reason: string;
  /** Torrents carried over; some may have lost parts other than their settings. */
  readonly keptTorrents: number;
  /** Torrents that were still seen and could not be carried over; more may be gone without a trace. */
  readonly lostTorrents: number;
}

export interface StateStoreHandler {
  /** Some of the stored torrents, each once, at most {@link MAX_TORRENTS_PER_ANSWER}. Comes before `onOpened`. */
  onTorrents(torrents: readonly StoredTorrent[]): void;
  /** `open` ended: all torrents were told, or nothing can be stored. */
  onOpened(failure: StateFailure | null): void;
  /** Answer to `loadMetainfo`: null when none is stored, and with a failure. */
  onMetainfo(infoHash: string, metainfo: Uint8Array | null, failure: StateFailure | null): void;
  /** Answer to each `flush`, in order. */
  onFlushed(failure: StateFailure | null): void;
  onTrouble(failure: StateFailure): void;
  onRecovered(): void;
  onSetAside(setAside: SetAside): void;
  /** The end. With a failure the last saves are lost. */
  onClosed(failure: StateFailure | null): void;
}

export interface StateStore {
  /** Whose answers these are. Called once, before anything else. */
  bind(handler: StateStoreHandler): void;
  /** Takes hold of the state folder and loads every torrent. Called once. */
  open(): void;
  /** Asks for the metainfo of a torrent, as of all saves before. */
  loadMetainfo(infoHash: string): void;
  /** Stores parts of a torrent soon. What is given belongs to the store: nobody changes its arrays any more. */
  save(update: TorrentUpdate): void;
  /** Forgets a torrent soon, with all its parts. Harmless when it is unknown. */
  remove(infoHash: string): void;
  /** Makes durable now what was saved. */
  flush(): void;
  /** Flushes, lets go of the state folder, ends. No call but `deliver` may follow, or another harmless `close`. */
  close(): void;
  /**
   * Called by the engine at the start of its turn, which the store asked for. Answers reach the handler only from inside
   * this call.
   */
  deliver(): void;
}
