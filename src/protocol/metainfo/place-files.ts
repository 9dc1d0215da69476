/**
 * Owns the step from what a torrent says about its files to where they lie: safe paths, offsets, symlink
 * targets.
 *
 * Padding is placed last, so that it never takes a name from a real file. A symlink points at a file or
 * folder of its own torrent, found by the names that the torrent uses; one that points anywhere else (out of
 * the folder, at nothing, in a circle) becomes an empty file without a target.
 */
import type { MetainfoFile } from './metainfo.ts';
import type { RawFile } from './raw-file.ts';
import { SafePaths } from './safe-path.ts';

/** As many links in a row as Linux follows. */
const MAX_LINKS_IN_A_ROW = 40;

/**
 * The files with safe paths, in their order. `topFolder` is what the torrent calls its folder, or null for a
 * single file. With `alignment` each file with content starts at a multiple of it (BEP 52); 1 lays them end
 * to end (BEP 3).
 */
export function placeFiles(
  files: readonly RawFile[],
  topFolder: string | null,
  alignment: number,
): MetainfoFile[] {
  const paths = new SafePaths();
  const top = topFolder === null ? [] : [topFolder];
  const safe = files.map((file) => (file.isPadding ? '' : paths.add([...top, ...file.parts])));
  const links = files.some((file) => file.linkParts !== null) ? new Links(files, safe, paths, top) : null;
  const targets = files.map((_, index) => links?.targetOf(index) ?? null);
  let end = 0;
  return files.map((file, index) => {
    const offset = file.length === 0 ? end : Math.ceil(end / alignment) * alignment;
    end = offset + file.length;
    return {
      path: file.isPadding ? paths.add([...top, ...file.parts]) : safe[index]!,
      length: file.length,
      offset,
      isPadding: file.isPadding,
      isExecutable: file.isExecutable,
      isHidden: file.isHidden,
      symlinkTarget: targets[index]!,
      piecesRoot: file.piecesRoot,
    };
  });
}

class Links {
  readonly #files: readonly RawFile[];
  readonly #safe: readonly string[];
  readonly #paths: SafePaths;
  readonly #top: readonly string[];
  /** Files by the path that the torrent gives them; the first where there are several. */
  readonly #byRawPath = new Map<string, number>();

  constructor(files: readonly RawFile[], safe: readonly string[], paths: SafePaths, top: readonly string[]) {
    this.#files = files;
    this.#safe = safe;
    this.#paths = paths;
    this.#top = top;
    for (let i = 0; i < files.length; i++) {
      const key = rawKey(files[i]!.parts);
      if (!files[i]!.isPadding && !this.#byRawPath.has(key)) this.#byRawPath.set(key, i);
    }
  }

  /**
   * Safe path that the symlink `index` points at, or null when it is none or points at nothing of the
   * torrent.
   */
  targetOf(index: number): string | null {
    const first = this.#files[index]!.linkParts;
    if (first === null) return null;
    const direct = this.#find(first);
    // A chain of links is kept as it is when it ends at something.
    let link = first;
    for (let step = 0; step < MAX_LINKS_IN_A_ROW; step++) {
      const file = this.#byRawPath.get(rawKey(link));
      const next = file === undefined ? null : this.#files[file]!.linkParts;
      if (next === null) return this.#find(link) === null ? null : direct;
      link = next;
    }
    return null;
  }

  #find(parts: readonly string[]): string | null {
    const file = this.#byRawPath.get(rawKey(parts));
    return file === undefined ? this.#paths.folderPath([...this.#top, ...parts]) : this.#safe[file]!;
  }
}

/**
 * Two paths with one key are possible for hostile names; the link then points at either, both of this
 * torrent.
 */
function rawKey(parts: readonly string[]): string {
  return parts.join('/');
}
