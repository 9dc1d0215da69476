/**
 * Owns the choice of a piece length for a new torrent.
 *
 * Small pieces waste little when one is damaged and spread early; each costs a hash in the .torrent file and a bit in
 * every bitfield. So: the smallest power of two that makes at most 2000 pieces, which for most torrents are 1000 to 2000.
 * A power of two, because v2 demands it and some clients expect it of v1.
 */
import { BLOCK_LENGTH } from '../../base/numbers.ts';
import { MAX_PIECES } from './metainfo-limits.ts';

export const MIN_CREATED_PIECE_LENGTH = BLOCK_LENGTH;
/** Up to here the choice goes by itself. A peer verifies, and so gives on, whole pieces only. */
export const MAX_AUTO_PIECE_LENGTH = 16 * 1024 * 1024;
/** Other clients read longer ones, but some refuse them. */
export const MAX_CREATED_PIECE_LENGTH = 256 * 1024 * 1024;
const MOST_PIECES = 2000;

/** A piece length for `totalLength` bytes of files. Longer than 16 MiB only where there would be too many pieces. */
export function autoPieceLength(totalLength: number): number {
  let length = MIN_CREATED_PIECE_LENGTH;
  while (length < MAX_AUTO_PIECE_LENGTH && totalLength / length > MOST_PIECES) length *= 2;
  while (length < MAX_CREATED_PIECE_LENGTH && totalLength / length > MAX_PIECES / 2) length *= 2;
  return length;
}

/** True for what a new torrent may have: a power of two within the limits. */
export function isCreatablePieceLength(length: number): boolean {
  return (
    length >= MIN_CREATED_PIECE_LENGTH &&
    length <= MAX_CREATED_PIECE_LENGTH &&
    Number.isInteger(Math.log2(length))
  );
}
