/**
 * Owns where the files of a torrent lie on disk: whatever a torrent says, each file gets a path within the
 * download directory that differs from all others, also for a file system that ignores case or normalises
 * Unicode, and also while files are incomplete and carry a suffix.
 *
 * Names are given out in the order of the calls: the first to ask gets its name as it is, a later one that
 * would collide gets a number. So the same torrent gives the same paths everywhere. Parts of one raw folder
 * share one safe folder; a file and a folder never share a name.
 *
 * Invariants: in each folder no two entries fold alike, and no entry folds like an incomplete file's name; no
 * path is longer than `MAX_PATH_BYTES`. The work is linear in the number of paths, however hostile their
 * names are.
 */
import { assert } from '../../base/assert.ts';
import {
  foldName,
  MAX_NAME_BYTES,
  numberedName,
  PART_SUFFIX,
  safeName,
  utf8ByteLength,
} from './safe-name.ts';

/** Parts in a path, the file included. Real ones have a dozen; each part also costs a nested dictionary. */
export const MAX_PATH_DEPTH = 100;
/** Bytes of a path, well under the 4096 of Linux, so that the download directory has room in front. */
export const MAX_PATH_BYTES = 2000;
/** What every part of the deepest path can have: two letters and the number that tells it from others. */
const LEAST_NAME_BYTES = 12;

/** One folder, and who has which name in it. */
class Folder {
  /** Safe path with a slash at the end; empty for the root. */
  readonly prefix: string;
  readonly prefixBytes: number;
  readonly depth: number;
  /** Safe folders by raw name. Made when needed, as most folders hold only files. */
  folders: Map<string, Folder> | null = null;
  /** Folded names that are given away; true for those of files. */
  readonly taken = new Map<string, boolean>();
  /** Folded names that no file may have, because with the suffix of an incomplete file they are taken. */
  incomplete: Set<string> | null = null;
  /**
   * By folded name without number: the number to try next, so that many collisions do not search from the
   * start.
   */
  numbers: Map<string, number> | null = null;

  constructor(prefix: string, prefixBytes: number, depth: number) {
    this.prefix = prefix;
    this.prefixBytes = prefixBytes;
    this.depth = depth;
  }
}

export class SafePaths {
  readonly #root = new Folder('', 0, 0);

  /**
   * A path for the file that the torrent calls `parts`, 1 to `MAX_PATH_DEPTH` of them; joined with `/`. The
   * same parts given twice are two files.
   */
  add(parts: readonly string[]): string {
    assert(parts.length >= 1 && parts.length <= MAX_PATH_DEPTH, 'depth of a path');
    let folder = this.#root;
    for (let i = 0; i < parts.length - 1; i++) folder = subfolder(folder, parts[i]!);
    return folder.prefix + claim(folder, parts[parts.length - 1]!, true);
  }

  /** The safe path of the folder that the torrent calls `parts`, or null when no file lies in it. */
  folderPath(parts: readonly string[]): string | null {
    let folder = this.#root;
    for (const part of parts) {
      const next = folder.folders?.get(part);
      if (next === undefined) return null;
      folder = next;
    }
    return folder.prefix.slice(0, -1);
  }
}

function subfolder(folder: Folder, raw: string): Folder {
  folder.folders ??= new Map();
  let child = folder.folders.get(raw);
  if (child === undefined) {
    const name = claim(folder, raw, false);
    child = new Folder(
      `${folder.prefix + name}/`,
      folder.prefixBytes + utf8ByteLength(name) + 1,
      folder.depth + 1,
    );
    folder.folders.set(raw, child);
  }
  return child;
}

/** Takes a name in `folder` that nobody has. */
function claim(folder: Folder, raw: string, isFile: boolean): string {
  const maxBytes = nameBudget(folder, isFile);
  const name = safeName(raw, maxBytes);
  if (take(folder, name, isFile)) return name;
  // Names that are cut to the same start count together, so that no number is tried twice.
  const template = foldName(numberedName(name, 0, maxBytes));
  folder.numbers ??= new Map();
  let number = folder.numbers.get(template) ?? 2;
  let numbered = numberedName(name, number++, maxBytes);
  while (!take(folder, numbered, isFile)) numbered = numberedName(name, number++, maxBytes);
  folder.numbers.set(template, number);
  return numbered;
}

/** How long a name in `folder` may be so that the path stays short enough however deep it goes on. */
function nameBudget(folder: Folder, isFile: boolean): number {
  const left = MAX_PATH_BYTES - PART_SUFFIX.length - folder.prefixBytes;
  if (isFile) return Math.min(MAX_NAME_BYTES, left);
  const partsBelow = MAX_PATH_DEPTH - folder.depth - 1;
  return Math.min(MAX_NAME_BYTES, left - partsBelow * (LEAST_NAME_BYTES + 1) - 1);
}

function take(folder: Folder, name: string, isFile: boolean): boolean {
  const folded = foldName(name);
  if (folder.taken.has(folded)) return false;
  if (isFile && folder.incomplete?.has(folded)) return false;
  if (folded.endsWith(PART_SUFFIX)) {
    const complete = folded.slice(0, -PART_SUFFIX.length);
    if (folder.taken.get(complete) === true) return false;
    folder.incomplete ??= new Set();
    folder.incomplete.add(complete);
  }
  folder.taken.set(folded, isFile);
  return true;
}
