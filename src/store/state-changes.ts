/**
 * Owns what "the newest wins" means for a `StateStore`: changes that wait, merged torrent by torrent and part by part.
 * Shared by all implementations, so that they cannot disagree.
 *
 * Invariant: at most one change a torrent, so what waits is bounded by the torrents there are. Updates are checked when
 * they come in: a malformed one is a bug of the caller and must not reach the disk.
 */
import { assert } from '../base/assert.ts';
import {
  MAX_GOOD_PEERS,
  type ResumeData,
  type TorrentProgress,
  type TorrentUpdate,
} from '../ports/state-store.ts';

/** What is to be done to one torrent. Plain data: it crosses threads. */
export interface StateChange {
  readonly infoHash: string;
  /** Everything stored of it goes first. */
  readonly isRemoved: boolean;
  /** Then this is stored; null for nothing. */
  readonly update: TorrentUpdate | null;
}

export class StateChanges {
  #changes = new Map<string, StateChange>();

  get isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  save(update: TorrentUpdate): void {
    assertUpdate(update);
    const { infoHash } = update;
    const waiting = this.#changes.get(infoHash);
    if (waiting === undefined) {
      this.#changes.set(infoHash, { infoHash, isRemoved: false, update });
      return;
    }
    // A late save does not bring back what was removed.
    if (waiting.isRemoved && waiting.update === null && update.settings === undefined) return;
    this.#changes.set(infoHash, { ...waiting, update: { ...waiting.update, ...update } });
  }

  remove(infoHash: string): void {
    this.#changes.set(infoHash, { infoHash, isRemoved: true, update: null });
  }

  /** All that waits, in order of arrival; nothing waits any more. */
  take(): StateChange[] {
    const taken = [...this.#changes.values()];
    this.#changes = new Map();
    return taken;
  }

  /** Puts back what was taken and not stored: older than everything that came since. */
  putBack(older: readonly StateChange[]): void {
    const newer = this.#changes;
    this.#changes = new Map(older.map((change) => [change.infoHash, change]));
    for (const change of newer.values()) {
      if (change.isRemoved) this.#changes.set(change.infoHash, change);
      else this.save(change.update!);
    }
  }

  /** The metainfo as these changes leave it: bytes, null for none, undefined when they do not touch it. */
  metainfoOf(infoHash: string): Uint8Array | null | undefined {
    return metainfoIn(this.#changes.get(infoHash));
  }
}

/** The metainfo as a change leaves it: bytes, null for none, undefined when it does not touch it. */
export function metainfoIn(change: StateChange | undefined): Uint8Array | null | undefined {
  if (change === undefined) return undefined;
  return change.update?.metainfo ?? (change.isRemoved ? null : undefined);
}

function assertUpdate(update: TorrentUpdate): void {
  assert(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(update.infoHash), `info hash ${update.infoHash}`);
  if (update.progress !== undefined) assertProgress(update.progress);
  if (update.resume) assertResume(update.resume);
  if (update.settings === undefined) return;
  const { maxDownRate, maxUpRate, maxRatio, maxSeedingMs } = update.settings;
  for (const value of [maxDownRate, maxUpRate, maxRatio ?? 0, maxSeedingMs ?? 0]) assertAmount(value);
}

function assertProgress(progress: TorrentProgress): void {
  for (const value of [progress.uploadedBytes, progress.downloadedBytes, progress.wastedBytes]) {
    assert(Number.isSafeInteger(value) && value >= 0, `a counter of ${value} bytes`);
  }
  for (const value of [progress.addedAt, progress.completedAt ?? 0, progress.activeMs, progress.seedingMs]) {
    assertAmount(value);
  }
  assert(progress.goodPeers.length <= MAX_GOOD_PEERS, `${progress.goodPeers.length} good peers`);
}

function assertResume(resume: ResumeData): void {
  const { pieceCount, verified, partials, files } = resume;
  assert(verified.length === (pieceCount + 7) >>> 3, `${verified.length} bytes of ${pieceCount} piece bits`);
  for (const { piece } of partials) {
    assert(Number.isInteger(piece) && piece >= 0 && piece < pieceCount, `piece ${piece} of ${pieceCount}`);
    assert((verified[piece >>> 3]! & (0x80 >>> (piece & 7))) === 0, `piece ${piece} is verified and partial`);
  }
  assert(files.lengths.length === files.modifiedAt.length, 'a length and a time for each file');
}

function assertAmount(value: number): void {
  assert(Number.isFinite(value) && value >= 0, `an amount of ${value}`);
}
