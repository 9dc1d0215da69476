/**
 * Owns the form in which commands and completions cross threads: numeric records of a fixed size in an
 * Int32Array, and beside them the few values that are no numbers, which a record names by index.
 *
 * Every number fits an int32: piece indices, offsets in a piece and slots by their nature, files because a
 * torrent has fewer than 2^31 of them.
 */
import type { StorageSpec } from '../ports/disk.ts';
import type { Failure } from '../ports/failure.ts';
import type { PartialPieceRecord, ResumeData } from '../ports/state-store.ts';

/** Numbers in a command: what, storage, then by command piece, begin, length, slot. */
export const COMMAND_LENGTH = 6;
/** The third number is the index of the specification, and of the snapshot that comes with it. */
export const COMMAND_OPEN = 1;
export const COMMAND_CHECK = 2;
export const COMMAND_WRITE = 3;
export const COMMAND_READ = 4;
export const COMMAND_HASH = 5;
export const COMMAND_BLOCK_DIGESTS = 6;
export const COMMAND_RELEASE = 7;
export const COMMAND_CLOSE = 8;
/** The third number is 1 when it syncs. */
export const COMMAND_SNAPSHOT = 9;

/** Numbers in a completion: what, storage, two by completion, index of the failure or {@link NO_FAILURE}. */
export const COMPLETION_LENGTH = 5;
export const NO_FAILURE = -1;
export const COMPLETION_OPENED = 1;
/** Third: checked pieces. */
export const COMPLETION_CHECK_PROGRESS = 2;
/** Third: index of the bits. Fourth: index of the partial pieces. */
export const COMPLETION_CHECKED = 3;
/** Third: slot. */
export const COMPLETION_WRITTEN = 4;
/** Third: slot. */
export const COMPLETION_READ = 5;
/** Third: piece. Fourth: 1 when it matches. */
export const COMPLETION_HASHED = 6;
/** Third: piece. Fourth: index of the digests. */
export const COMPLETION_BLOCK_DIGESTS = 7;
/** Third: file. */
export const COMPLETION_FILE_COMPLETED = 8;
export const COMPLETION_RELEASED = 9;
export const COMPLETION_CLOSED = 10;
/** Third: index of the snapshot; {@link NO_SNAPSHOT} with a failure. */
export const COMPLETION_SNAPSHOT = 11;
export const NO_SNAPSHOT = -1;

/** Commands in order of submission. */
export interface Commands {
  readonly records: Int32Array;
  readonly specs: readonly StorageSpec[];
  /** One for each specification. */
  readonly resumes: readonly (ResumeData | null)[];
}

/** Completions in order. */
export interface Completions {
  readonly records: Int32Array;
  readonly failures: readonly Failure[];
  readonly bytes: readonly Uint8Array[];
  readonly partials: readonly (readonly PartialPieceRecord[])[];
  readonly snapshots: readonly ResumeData[];
}

/** `records` with room for `length` more numbers behind the first `used`. */
export function withRoom(
  records: Int32Array<ArrayBuffer>,
  used: number,
  length: number,
): Int32Array<ArrayBuffer> {
  if (used + length <= records.length) return records;
  const larger = new Int32Array(Math.max(2 * records.length, used + length));
  larger.set(records);
  return larger;
}
