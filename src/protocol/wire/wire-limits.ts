/**
 * Owns how long a received message of each kind may be. Whatever a peer sends, a connection's decoder holds at most one
 * message of the limits' size, and memory grows only with bytes that really came.
 */
import { BLOCK_LENGTH } from '../../base/numbers.ts';

export interface WireLimits {
  /** Longest block of a piece message, at least 1; we never request more than 16 KiB, so more was never asked for. */
  readonly maxBlockLength: number;
  /** Longest bitfield: `(pieceCount + 7) >>> 3`, or a bound on any torrent while the metadata is missing. */
  readonly maxBitfieldBytes: number;
  /** Longest payload of an extended message (BEP 10), without its two id bytes. */
  readonly maxExtendedBytes: number;
  /** Longest message with an unknown id, id included; it is skipped, not kept. */
  readonly maxUnknownBytes: number;
}

/** The largest legal extended messages, ut_metadata's 16 KiB and a few thousand pex entries, are far below 1 MiB. */
export const MAX_EXTENDED_BYTES = 1 << 20;

/** Skipping costs no memory, but a peer that sends only what we do not understand wastes our line. */
export const MAX_UNKNOWN_BYTES = 1 << 20;

/** The limits for a torrent of `pieceCount` pieces. */
export function wireLimits(pieceCount: number): WireLimits {
  return {
    maxBlockLength: BLOCK_LENGTH,
    maxBitfieldBytes: (pieceCount + 7) >>> 3,
    maxExtendedBytes: MAX_EXTENDED_BYTES,
    maxUnknownBytes: MAX_UNKNOWN_BYTES,
  };
}
