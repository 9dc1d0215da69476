/**
 * Owns what a snapshot says of each file: its stamp (length and time of modification), taken when the file
 * was looked at or synced; and which files a snapshot must sync, or stamp anew, before it may claim what is
 * in them. A file that nobody touches keeps its stamp, so that a snapshot costs what changed, whatever the
 * number of files.
 *
 * Invariants: a stamp is never younger than what is known of the file's bytes: whoever changes them behind
 * our back makes it stale, and stale is safe. A file whose sync failed is never vouched for again: the system
 * may have dropped what it could not write, and reads it all the same. Struct of arrays: a torrent may have
 * 100,000 files. The last entry is the parts file's.
 */
import type { FileStatus } from '../ports/file-system.ts';

/** Length of a file that is not there, or that is not vouched for. */
export const NO_FILE = -1;

const UNSYNCED = 1;
const UNSTAMPED = 2;
const UNSOUND = 4;

export class StampTable {
  /** The entry of the parts file. */
  readonly parts: number;
  readonly #lengths: Float64Array;
  readonly #modifiedAt: Float64Array;
  readonly #marks: Uint8Array;

  constructor(fileCount: number) {
    this.parts = fileCount;
    this.#lengths = new Float64Array(fileCount + 1).fill(NO_FILE);
    this.#modifiedAt = new Float64Array(fileCount + 1);
    this.#marks = new Uint8Array(fileCount + 1);
  }

  lengthOf(file: number): number {
    return this.#lengths[file]!;
  }

  modifiedAtOf(file: number): number {
    return this.#modifiedAt[file]!;
  }

  /** Forgets the stamps, before a scan; what is to be synced stays so. */
  clear(): void {
    this.#lengths.fill(NO_FILE);
    this.#modifiedAt.fill(0);
  }

  /** The file was looked at; null when nothing is there. */
  stamp(file: number, status: FileStatus | null): void {
    this.#lengths[file] = status === null ? NO_FILE : status.length;
    this.#modifiedAt[file] = status === null ? 0 : status.modifiedAt;
    this.#marks[file]! &= ~UNSTAMPED;
  }

  /** We changed the file. */
  onWritten(file: number): void {
    this.#marks[file]! |= UNSYNCED | UNSTAMPED;
  }

  /** Bytes that somebody wrote were found good: who knows whether they were synced. Their stamp stays. */
  onFound(file: number): void {
    this.#marks[file]! |= UNSYNCED;
  }

  /** Nothing of the file is left. */
  onRemoved(file: number): void {
    this.#marks[file]! &= UNSOUND;
    this.stamp(file, null);
  }

  onSynced(file: number): void {
    this.#marks[file]! &= ~UNSYNCED;
  }

  onSyncFailed(file: number): void {
    this.#marks[file]! |= UNSOUND;
  }

  isUnsynced(file: number): boolean {
    return (this.#marks[file]! & UNSYNCED) !== 0;
  }

  isUnstamped(file: number): boolean {
    return (this.#marks[file]! & UNSTAMPED) !== 0;
  }

  isUnsound(file: number): boolean {
    return (this.#marks[file]! & UNSOUND) !== 0;
  }

  /** The first file at or after `from` that is to be stamped, or synced if that matters; or -1. */
  nextChanged(from: number, sync: boolean): number {
    const wanted = sync ? UNSYNCED | UNSTAMPED : UNSTAMPED;
    for (let file = from; file < this.#marks.length; file++) {
      if ((this.#marks[file]! & wanted) !== 0) return file;
    }
    return -1;
  }

  /** Copies of the lengths and times as they are now. */
  copy(): { lengths: Float64Array; modifiedAt: Float64Array } {
    return { lengths: this.#lengths.slice(), modifiedAt: this.#modifiedAt.slice() };
  }
}
