/**
 * Owns what happens to a file of which everything is verified: it gets its exact length, its final name, its
 * executable bit; empty files and links come into being (BEP 47).
 *
 * A file of somebody else is never replaced unless the person said so. One that stands under the final name
 * with the very bytes that we have is ours, as happens when a small file of an earlier selection could not be
 * verified for lack of its neighbours: it is kept and our copy goes.
 */
import { assert } from '../base/assert.ts';
import { type FileHandle, FileSystemError } from '../ports/file-system.ts';
import { parentOf } from './file-names.ts';
import { PLACE_FINAL, PLACE_INCOMPLETE } from './file-table.ts';
import type { StoredFiles } from './stored-files.ts';

const COMPARE_LENGTH = 1 << 16;
/** Files longer than so many pieces have a piece of their own, which would have told whose they are. */
const UNDECIDED_PIECES = 2;

export class FileFinisher {
  readonly #files: StoredFiles;

  constructor(files: StoredFiles) {
    this.#files = files;
  }

  /** Finishes a wanted file, all of whose pieces are verified. Throws `FileSystemError`. */
  finish(file: number): void {
    const specification = this.#files.spec.files[file]!;
    if (specification.symlinkTarget !== null) this.#makeLink(file, specification.symlinkTarget);
    else if (this.#files.table.place[file] === PLACE_FINAL) this.#setExactLength(file);
    else if (specification.length === 0) this.#makeEmpty(file);
    else this.#giveFinalName(file);
  }

  /**
   * True when a file of which no piece is verified may still be ours because none of its pieces could be
   * hashed: it has the right length and no piece of its own.
   */
  isUndecided(file: number, length: number): boolean {
    const { files, pieceLength } = this.#files.spec;
    return length === files[file]!.length && length <= UNDECIDED_PIECES * pieceLength;
  }

  #setExactLength(file: number): void {
    const { open, pool, table, spec } = this.#files;
    if (table.storedLength[file] === spec.files[file]!.length) return;
    this.#files.setLength(file);
    pool.close(open, file);
  }

  #makeEmpty(file: number): void {
    const { fileSystem, names, open, pool, stamps, table, spec } = this.#files;
    const path = names.final(file);
    this.#files.makeFolderOf(path);
    const standing = fileSystem.status(path);
    if (standing !== null && standing.length > 0) this.#assertMayReplace(path);
    stamps.onWritten(file);
    pool.open(open, file, path, 'create').truncate(0);
    pool.close(open, file);
    if (spec.files[file]!.isExecutable) fileSystem.setExecutable(path);
    table.place[file] = PLACE_FINAL;
    table.storedLength[file] = 0;
  }

  #giveFinalName(file: number): void {
    const { fileSystem, names, open, pool, stamps, table, spec } = this.#files;
    assert(table.place[file] === PLACE_INCOMPLETE, 'a verified file exists');
    this.#files.setLength(file);
    const from = names.incomplete(file);
    const to = names.final(file);
    const standing = fileSystem.status(to);
    const isOurs =
      standing !== null &&
      standing.kind === 'file' &&
      this.isUndecided(file, standing.length) &&
      this.#hasSameBytes(file, to);
    pool.close(open, file);
    if (isOurs) {
      // What stands there has a stamp of its own, and nobody knows whether it was synced.
      stamps.onWritten(file);
      fileSystem.remove(from);
    } else {
      if (standing !== null) this.#assertMayReplace(to);
      fileSystem.rename(from, to);
    }
    table.place[file] = PLACE_FINAL;
    if (spec.files[file]!.isExecutable) fileSystem.setExecutable(to);
  }

  #assertMayReplace(path: string): void {
    if (!this.#files.spec.overwrite) throw new FileSystemError('foreign-data', 'replace', path);
  }

  #hasSameBytes(file: number, path: string): boolean {
    const length = this.#files.spec.files[file]!.length;
    const ours = new Uint8Array(COMPARE_LENGTH);
    const theirs = new Uint8Array(COMPARE_LENGTH);
    const other = this.#files.fileSystem.open(path, 'read');
    try {
      for (let at = 0; at < length; at += COMPARE_LENGTH) {
        if (!isSameChunk(this.#files.forReading(file), other, at, ours, theirs)) return false;
      }
      return true;
    } finally {
      other.close();
    }
  }

  #makeLink(file: number, target: string): void {
    const { fileSystem, names, spec } = this.#files;
    const path = names.final(file);
    this.#files.makeFolderOf(path);
    fileSystem.symlink(relativeTarget(spec.files[file]!.path, target), path);
  }
}

function isSameChunk(
  one: FileHandle,
  other: FileHandle,
  position: number,
  oneBytes: Uint8Array,
  otherBytes: Uint8Array,
): boolean {
  const count = one.read(position, [oneBytes]);
  if (other.read(position, [otherBytes]) !== count) return false;
  for (let i = 0; i < count; i++) if (oneBytes[i] !== otherBytes[i]) return false;
  return true;
}

/** `target`, relative to the storage's directory, as seen from the folder of `path`. */
function relativeTarget(path: string, target: string): string {
  const from = parentOf(`/${path}`).split('/').filter(Boolean);
  const to = target.split('/').filter(Boolean);
  assert(!to.includes('..') && !target.startsWith('/'), 'metainfo made the target of the link safe');
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/');
}
