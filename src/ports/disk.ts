/**
 * The seam between the engine and the disk: numbers and arena slots cross it, never bytes.
 *
 * Contract:
 * 1. Calls return at once and never complete re-entrantly; completions arrive in batches at the start of a turn,
 *    through the one `DiskHandler`. `submit` sends what was called since the last `submit`.
 * 2. A hash covers every write to that piece submitted before it; a read sees every write submitted before it.
 * 3. A slot belongs to the disk from `write` or `read` until its completion; each gets exactly one.
 * 4. `onHashed` with `matches` comes only when every byte of the piece is hashed **and** written. Nothing is claimed
 *    to be synced.
 * 5. Fences (`open`, `check`, `release`) run alone on their storage: what was submitted before is finished first,
 *    written back; what comes behind waits, then runs in order of submission.
 * 6. After a failed write the storage is in error: later writes and hashes fail fast with the same code, until `check`
 *    clears it.
 * 7. A write that failed is never reported done. `disk-full`, `io-error`, `read-only`, `not-found`, `access-denied`
 *    and `too-many-open-files` are told apart.
 * 8. A snapshot covers every write and hash submitted before it. One that was asked to sync survives a power failure; one
 *    that was not survives the end of the process, as long as the machine runs. What an `open` is given back is believed only as far as the files still have the lengths and times of the
 *    snapshot; `check` hashes the rest, piece by piece, and nothing else.
 * 9. `close` completes (`onClosed`) only when every slot came back and every file is closed.
 */
import type { PieceIndex, SlotId, StorageId } from '../base/numbers.ts';
import type { Failure } from './failure.ts';
import type { PartialPieceRecord, ResumeData } from './state-store.ts';

/** One file of a storage. Plain data: it crosses threads. */
export interface StorageFile {
  /** Where it lies, relative to the storage's directory, parts joined with `/`, made safe by metainfo. */
  readonly path: string;
  readonly length: number;
  /** Bytes that are never stored and read as zeros (BEP 47). */
  readonly isPadding: boolean;
  /** The person wants this file. The parts of an unwanted one that share a piece with a wanted one are kept aside. */
  readonly isWanted: boolean;
  /** Set the executable bit (BEP 47, attribute `x`). */
  readonly isExecutable: boolean;
  /** Target of a symlink relative to the storage's directory, for attribute `l` (BEP 47); null for a plain file. */
  readonly symlinkTarget: string | null;
}

/** What the disk must know of a torrent. Plain data: it crosses threads. */
export interface StorageSpec {
  /** Absolute path of the directory that the files' paths are relative to (`--dir`). */
  readonly directory: string;
  /** All files in torrent order; their lengths add up to the torrent's. */
  readonly files: readonly StorageFile[];
  readonly pieceLength: number;
  /** SHA-1 of each piece, 20 bytes each, one after the other (BEP 3). */
  readonly pieceHashes: Uint8Array;
  /** Name of the file that keeps the parts of unwanted files that share a piece with a wanted one. */
  readonly partsPath: string;
  /** Absolute folder of that file, which is not the torrent's; null for the directory. */
  readonly partsDirectory: string | null;
  /** Replace a file of which nothing verifies, instead of failing with `foreign-data`. */
  readonly overwrite: boolean;
}

export interface DiskHandler {
  /** `open` ended; with a failure the storage does not exist and its id is free. */
  onOpened(storage: StorageId, failure: Failure | null): void;
  /** Some pieces of a running `check` are done. */
  onCheckProgress(storage: StorageId, checkedPieces: number): void;
  /**
   * `check` ended. `have` has a bit for each piece in wire order, valid also when a failure stopped the check. `partials`:
   * pieces that are not in `have` and of which the snapshot given to `open` vouches for some blocks.
   */
  onChecked(
    storage: StorageId,
    have: Uint8Array,
    partials: readonly PartialPieceRecord[],
    failure: Failure | null,
  ): void;
  /**
   * `snapshot` ended: what is verified and what is written of other pieces, with the stamps of the files; null with a
   * failure.
   */
  onSnapshot(storage: StorageId, resume: ResumeData | null, failure: Failure | null): void;
  /** The slot of a `write` came back. Without a failure its bytes are in the file or, written over since, obsolete. */
  onWritten(storage: StorageId, slot: SlotId, failure: Failure | null): void;
  /** The slot of a `read` came back, filled when there is no failure. */
  onRead(storage: StorageId, slot: SlotId, failure: Failure | null): void;
  onHashed(storage: StorageId, piece: PieceIndex, matches: boolean, failure: Failure | null): void;
  /** One 20-byte SHA-1 for each block of the piece, one after the other; empty with a failure. */
  onBlockDigests(storage: StorageId, piece: PieceIndex, digests: Uint8Array, failure: Failure | null): void;
  /**
   * A file has all its bytes verified and carries its final name; with a failure it keeps its `.part` suffix. Comes
   * before the `onHashed` or `onChecked` that made it complete, for files that were complete at a check too.
   */
  onFileCompleted(storage: StorageId, file: number, failure: Failure | null): void;
  /** `release` ended: files closed, id free. The failure is the first that the release met. */
  onReleased(storage: StorageId, failure: Failure | null): void;
  onClosed(): void;
}

export interface Disk {
  /** Whose completions these are. Called once, before anything else. */
  bind(handler: DiskHandler): void;
  /**
   * Fence. Prepares a storage: looks at what exists, and fails on lack of space for what is still to come or on a
   * directory that cannot be used. Creates nothing but the directory. `resume` is an earlier snapshot, or null.
   */
  open(storage: StorageId, spec: StorageSpec, resume: ResumeData | null): void;
  /**
   * Fence. Hashes all data that exists and that the snapshot given to `open` does not vouch for. A file of which no piece verifies, and that does not carry our `.part` suffix,
   * is foreign: with `overwrite` it is set to be replaced, else the check fails with `foreign-data`.
   */
  check(storage: StorageId): void;
  /** Writes `length` bytes of `slot` to `begin` in the piece. Blocks of a piece may come in any order, twice too. */
  write(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void;
  /** Fills `slot` with `length` bytes from `begin` in the piece. */
  read(storage: StorageId, piece: PieceIndex, begin: number, length: number, slot: SlotId): void;
  /** Compares the piece with its hash. All its blocks were submitted before. A match may complete files. */
  hash(storage: StorageId, piece: PieceIndex): void;
  /** Digests of the piece's blocks as they are stored now, to find out which of them differ from a good copy. */
  blockDigests(storage: StorageId, piece: PieceIndex): void;
  /**
   * Writes back what is held, syncs what changed if `sync`, then tells what a later `open` may rely on: after a power
   * failure only when it was synced. No fence: reads go on.
   */
  snapshot(storage: StorageId, sync: boolean): void;
  /**
   * Fence. Finishes all writes and snapshots, closes the files, forgets the storage. Removes the parts file when all that
   * is wanted is verified and no snapshot relies on it.
   */
  release(storage: StorageId): void;
  /** Releases every storage, then completes with `onClosed`. */
  close(): void;
  /** Sends what was called since the last `submit`. */
  submit(): void;
  /**
   * Called by the engine at the start of its turn, which the disk asked for. Completions reach the handler only from
   * inside this call.
   */
  deliver(): void;
}
