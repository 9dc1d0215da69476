/**
 * Owns what one torrent remembers beyond the process: when a snapshot of its data is due, what is saved with it, and how
 * far a saved one is believed.
 *
 * Two kinds of snapshot. A quick one every few seconds of progress costs no sync; it is good as long as the machine is not
 * started anew (its boot id is saved with it), which covers every end of the process. A synced one, less often and
 * when the torrent is complete, is good for ever. Without a valid one everything is checked: that costs time, never data.
 * Invariants: at most one snapshot is under way; what is saved is what the disk claimed, whole.
 */
import type { PieceIndex } from '../base/numbers.ts';
import {
  NO_PROGRESS,
  type ResumeData,
  type StoredTorrent,
  type TorrentProgress,
  type TorrentSettings,
  type TorrentUpdate,
} from '../ports/state-store.ts';

/** Between quick snapshots while pieces come: what a crash may cost. */
const QUICK_MS = 3000;
/** Between synced ones: a sync makes the disk wait. */
const SYNCED_MS = 60_000;

/** What the keeper needs of its torrent. */
export interface ResumeWorld {
  /** What is saved will be found again; else no snapshot is worth its price. */
  readonly isRemembering: boolean;
  requestSnapshot(sync: boolean): void;
  settings(): TorrentSettings;
  /** Of this session, without `addedAt` of earlier ones. */
  sessionProgress(): TorrentProgress;
  save(update: TorrentUpdate): void;
}

export interface ResumeOptions {
  readonly infoHash: string;
  /** Bytes of the .torrent file, to be saved once; null when they are not at hand. */
  readonly metainfo: Uint8Array | null;
  readonly stored: StoredTorrent | null;
  /** Absolute directory of this session. */
  readonly directory: string;
  readonly bootId: string | null;
  readonly now: number;
}

export class ResumeKeeper {
  readonly #options: ResumeOptions;
  readonly #world: ResumeWorld;
  /** What earlier sessions did. */
  readonly #past: TorrentProgress;
  #isDirty = false;
  /** Verified since the last synced snapshot that was asked for. */
  #isUnsynced = false;
  #pending: 'none' | 'quick' | 'synced' = 'none';
  #quickAt: number;
  #syncedAt: number;

  constructor(options: ResumeOptions, world: ResumeWorld) {
    this.#options = options;
    this.#world = world;
    this.#past = options.stored?.progress ?? NO_PROGRESS;
    // What an earlier session claimed for this boot only is to be claimed for good.
    this.#isUnsynced = this.resume !== null && this.resume.bootId !== null;
    this.#quickAt = options.now;
    this.#syncedAt = options.now;
  }

  /** What the disk may rely on: a snapshot of files in this very directory that is good on this boot. */
  get resume(): ResumeData | null {
    const { stored, directory, bootId } = this.#options;
    const resume = stored?.resume ?? null;
    if (resume === null || stored!.settings.directory !== directory) return null;
    return resume.bootId === null || resume.bootId === bootId ? resume : null;
  }

  get wasCompletedAnnounced(): boolean {
    return this.#past.completedAnnounced;
  }

  get goodPeers(): readonly string[] {
    return this.#past.goodPeers;
  }

  /** The torrent is here to stay: its metainfo and settings are saved; all of it, also what is stored, if `everything`. */
  start(everything = false): void {
    const { infoHash, metainfo, stored } = this.#options;
    if (everything) this.#isDirty = true;
    const isKnown = !everything && stored !== null && stored.hasMetainfo;
    this.#world.save({
      infoHash,
      ...(metainfo === null || isKnown ? {} : { metainfo }),
      settings: this.#world.settings(),
      progress: this.#progress(),
    });
  }

  onPieceVerified(_piece: PieceIndex): void {
    this.#isDirty = true;
    this.#isUnsynced = true;
  }

  /** Everything wanted is there and stays served: worth a sync. */
  onComplete(now: number): void {
    if (this.#isUnsynced && this.#world.isRemembering) this.#request(true, now);
  }

  /** Asks for a snapshot when one is due; called about once a second. */
  sweep(now: number): void {
    if (this.#pending !== 'none' || !this.#world.isRemembering) return;
    if (this.#isUnsynced && now - this.#syncedAt >= SYNCED_MS) this.#request(true, now);
    else if (this.#isDirty && now - this.#quickAt >= QUICK_MS) this.#request(false, now);
  }

  /** The last chance before the storage is released. */
  onStopping(now: number): void {
    if (!this.#world.isRemembering) return;
    if (this.#isDirty || this.#pending !== 'none') this.#request(false, now);
    else this.#world.save({ infoHash: this.#options.infoHash, progress: this.#progress() });
  }

  /** The disk's answer; null when it failed, and then nothing new is claimed. */
  onSnapshot(snapshot: ResumeData | null): void {
    const kind = this.#pending;
    this.#pending = 'none';
    if (snapshot === null) {
      this.#isUnsynced = true;
      return;
    }
    const { infoHash, bootId } = this.#options;
    // An unsynced claim without a boot id could not be told from one of before a power failure.
    if (kind !== 'synced' && bootId === null) return;
    const resume = { ...snapshot, bootId: kind === 'synced' ? null : bootId };
    this.#world.save({ infoHash, progress: this.#progress(), resume });
  }

  #request(sync: boolean, now: number): void {
    this.#pending = sync ? 'synced' : 'quick';
    this.#isDirty = false;
    this.#quickAt = now;
    if (sync) {
      this.#isUnsynced = false;
      this.#syncedAt = now;
    }
    this.#world.requestSnapshot(sync);
  }

  #progress(): TorrentProgress {
    const session = this.#world.sessionProgress();
    const past = this.#past;
    return {
      uploadedBytes: past.uploadedBytes + session.uploadedBytes,
      downloadedBytes: past.downloadedBytes + session.downloadedBytes,
      wastedBytes: past.wastedBytes + session.wastedBytes,
      addedAt: past.addedAt === 0 ? session.addedAt : past.addedAt,
      completedAt: session.completedAt === null ? null : (past.completedAt ?? session.completedAt),
      activeMs: past.activeMs + session.activeMs,
      seedingMs: past.seedingMs + session.seedingMs,
      completedAnnounced: past.completedAnnounced || session.completedAnnounced,
      goodPeers: session.goodPeers.length > 0 ? session.goodPeers : past.goodPeers,
    };
  }
}
