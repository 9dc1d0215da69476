/**
 * Owns the shape of hashing whole torrents at once, for a new torrent or a check: what lies where, and where results go.
 * Plain data: it crosses threads.
 */

/** The bytes that are cut into pieces, as stretches one behind the other. */
export interface HashPlan {
  readonly pieceLength: number;
  /** Absolute path of each stretch's file; null for padding, which reads as zeros. */
  readonly paths: readonly (string | null)[];
  readonly lengths: Float64Array;
  /**
   * When each file was last modified, in milliseconds since 1970: one that has another time, or another length, when it
   * is opened or closed has changed, and the work fails with `changed`. Null where only the bytes count.
   */
  readonly modifiedAt: Float64Array | null;
  /** Fill `sha1`; padding counts (BEP 3, 47). */
  readonly withSha1: boolean;
  /** Fill `pieceRoots`; each file starts at a piece (BEP 52). */
  readonly withSha256: boolean;
}

/** Not hashed yet. */
export const PIECE_OPEN = 0;
export const PIECE_HASHED = 1;
/** A file of it could not be read to its end. */
export const PIECE_UNREADABLE = 2;
/** Not to be hashed. Set before the work starts. */
export const PIECE_SKIPPED = 3;

/** Shared by all threads; each piece is written by one of them. */
export interface HashResults {
  /** 20 bytes a piece; empty without SHA-1. */
  readonly sha1: Uint8Array;
  /** Root over the leaves of each piece, 32 bytes each; empty without SHA-256. */
  readonly pieceRoots: Uint8Array;
  /** One of the states above for each piece. */
  readonly states: Uint8Array;
}

/** Empty results for `pieceCount` pieces, in memory that threads share. */
export function createHashResults(plan: HashPlan, pieceCount: number): HashResults {
  const shared = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));
  return {
    sha1: shared(plan.withSha1 ? 20 * pieceCount : 0),
    pieceRoots: shared(plan.withSha256 ? 32 * pieceCount : 0),
    states: shared(pieceCount),
  };
}
