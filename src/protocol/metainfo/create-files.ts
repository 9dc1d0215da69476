/**
 * Owns what a torrent is made of before anything is hashed: the files in their order, and where they lie in the bytes
 * that are cut into pieces (BEP 3, 47, 52).
 *
 * Order is that of a file tree: part by part by the bytes of the names. v2 demands it, hybrids must agree with their v2
 * half, and v1 uses it too, so that the same files give the same torrent whatever order a folder lists them in.
 */
import { compareUtf8 } from '../../base/compare-utf8.ts';

/** What other clients can make of a torrent: BEP 3 only, BEP 52 only, or both in one. */
export type TorrentFormat = 'v1' | 'v2' | 'hybrid';

export interface CreateFile {
  /** Path below the torrent's top folder; for a single file its name alone. */
  readonly parts: readonly string[];
  readonly length: number;
  readonly isExecutable: boolean;
  readonly isHidden: boolean;
}

/** A stretch of the bytes that are cut into pieces: a file, or the padding behind it. */
export interface CreateEntry {
  /** Index of the file; null for padding. */
  readonly file: number | null;
  readonly length: number;
}

/** For sorting: negative when `a` comes before `b` in a torrent. */
export function compareFiles(a: Pick<CreateFile, 'parts'>, b: Pick<CreateFile, 'parts'>): number {
  const common = Math.min(a.parts.length, b.parts.length);
  for (let i = 0; i < common; i++) {
    const difference = compareUtf8(a.parts[i]!, b.parts[i]!);
    if (difference !== 0) return difference;
  }
  return a.parts.length - b.parts.length;
}

/**
 * The files with padding between them where the format wants each file to start at a piece. `files` are in order. A
 * hybrid states its padding, which fills the last piece too unless there is one file only, as the tools of others have
 * it; the padding of v2 exists in the arithmetic alone.
 */
export function layOut(
  files: readonly CreateFile[],
  pieceLength: number,
  format: TorrentFormat,
): CreateEntry[] {
  const entries: CreateEntry[] = [];
  for (const [index, { length }] of files.entries()) {
    entries.push({ file: index, length });
    const rest = length % pieceLength;
    if (format !== 'v1' && files.length > 1 && rest > 0) {
      entries.push({ file: null, length: pieceLength - rest });
    }
  }
  return entries;
}
