/**
 * Owns the library's door to verifying data against a torrent. What does the work is loaded by the call.
 */
import type { HashProgress } from './create-torrent.ts';

export interface CheckTorrentOptions {
  /** Bytes of the .torrent file: v1, v2 or hybrid. */
  readonly metainfo: Uint8Array;
  /** Absolute directory that the torrent's file or folder lies in. It is only read. */
  readonly directory: string;
  /** Threads that hash. Default: one for each processor. */
  readonly workerCount?: number | undefined;
  /** Told several times a second while hashing. */
  readonly onProgress?: ((progress: HashProgress) => void) | undefined;
  /** Ends the work; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * - `complete`: under its name, of the right length, every byte verified
 * - `missing`: nothing is there
 * - `incomplete`: too short, or still under the name of an unfinished download (`.part`)
 * - `bad`: has bytes that do not match, or is too long
 * - `unverified`: nothing is wrong with what could be checked, but it shares a piece with a file that is not good
 * - `unreadable`: the system does not let it be read
 */
export type CheckedFileState = 'complete' | 'missing' | 'incomplete' | 'bad' | 'unverified' | 'unreadable';

/** First and last, both included. */
export type PieceRange = readonly [first: number, last: number];

export interface CheckedFile {
  /** In torrent order, from 0, padding counted. */
  readonly index: number;
  /** Below the directory, joined with `/`. */
  readonly path: string;
  readonly state: CheckedFileState;
  readonly length: number;
  /** Bytes that it has on disk; null when nothing is there. */
  readonly storedLength: number | null;
  /** Pieces with a byte of it. */
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  readonly badPieces: readonly PieceRange[];
  readonly missingPieces: readonly PieceRange[];
  /** Why it could not be read, else null. */
  readonly error: string | null;
}

export interface CheckReport {
  readonly name: string;
  /** Hexadecimal; null for v2. */
  readonly infoHashV1: string | null;
  /** Hexadecimal; null for v1. */
  readonly infoHashV2: string | null;
  /** Every file is complete. */
  readonly isComplete: boolean;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly verifiedPieces: number;
  /** Bytes of all files, without padding. */
  readonly totalBytes: number;
  /** Bytes of files that lie in verified pieces. */
  readonly verifiedBytes: number;
  /** Pieces whose bytes are all there and do not match. */
  readonly badPieces: readonly PieceRange[];
  /** Pieces of which bytes are missing, unreadable, or not downloaded yet. */
  readonly missingPieces: readonly PieceRange[];
  /** All files but padding, in torrent order. */
  readonly files: readonly CheckedFile[];
}

/**
 * Verifies what lies in a directory against a torrent: SHA-1 for v1, SHA-256 for v2, both for a hybrid. Files are looked
 * for as a download does, so `.part` files count. Rejects with `InputError` on bad metainfo or options; that data is
 * missing, bad or unreadable is in the report.
 */
export async function checkTorrent(options: CheckTorrentOptions): Promise<CheckReport> {
  const { runCheck } = await import('./check-run.ts');
  return runCheck(options);
}
