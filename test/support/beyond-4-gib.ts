/**
 * Owns a file of 5 GiB less 5 bytes that is zero but for 12 MiB around offset 2^32 and the last 3 MiB: what does not fit
 * 32 bits is exercised, and nobody has to store or send 5 GiB.
 */
import { GeneratedBytes, MostlyZeroBytes, makeContent, type TorrentContent } from './content.ts';

const MIB = 1024 ** 2;
const BOUNDARY = 4 * 1024 * MIB;
const LENGTH = 5 * 1024 * MIB - 5;

/** The pieces that are not all zero. */
export const BEYOND_4_GIB_PIECES: readonly number[] = [1022, 1023, 1024, 1025, 1279];

/** A single file in pieces of 4 MiB. */
export function generateBeyond4GiB(): TorrentContent {
  const ranges = [
    [BOUNDARY - 6 * MIB, BOUNDARY + 6 * MIB],
    [LENGTH - 3 * MIB, LENGTH],
  ] as const;
  const source = new MostlyZeroBytes(ranges, new GeneratedBytes('beyond 4 GiB'));
  return makeContent({ name: 'beyond.bin', pieceLength: 4 * MIB, source, files: LENGTH });
}
