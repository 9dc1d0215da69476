/**
 * Owns the look at what exists before a storage is used: which files are there, under which name, how long;
 * and that no link inside the torrent's folder leads out of the directory that the person named.
 *
 * Works in steps, so that 100,000 files do not keep other storages waiting. A folder that is missing answers
 * for everything in it.
 */
import type { StorageFile, StorageSpec } from '../ports/disk.ts';
import { type FileStatus, type FileSystem, FileSystemError } from '../ports/file-system.ts';
import { type FileNames, parentOf } from './file-names.ts';
import { type FileTable, PLACE_FINAL, PLACE_INCOMPLETE } from './file-table.ts';
import { FILES_PER_STEP } from './limits.ts';
import type { StampTable } from './stamp-table.ts';

export class FileScan {
  readonly #fileSystem: FileSystem;
  readonly #spec: StorageSpec;
  readonly #names: FileNames;
  readonly #table: FileTable;
  readonly #stamps: StampTable;
  /** The directory with its links followed, and a slash behind it. */
  #root = '';
  #next = 0;

  /** A scan that fills `table` and `stamps`, which it clears first. */
  constructor(
    fileSystem: FileSystem,
    spec: StorageSpec,
    names: FileNames,
    table: FileTable,
    stamps: StampTable,
  ) {
    this.#fileSystem = fileSystem;
    this.#spec = spec;
    this.#names = names;
    this.#table = table;
    this.#stamps = stamps;
  }

  /** Looks at some files; true while there are more. Throws `FileSystemError`. */
  step(): boolean {
    if (this.#next === 0) this.#start();
    const end = Math.min(this.#next + FILES_PER_STEP, this.#spec.files.length);
    for (; this.#next < end; this.#next++) this.#look(this.#next, this.#spec.files[this.#next]!);
    return this.#next < this.#spec.files.length;
  }

  #start(): void {
    this.#table.clear();
    this.#stamps.clear();
    const directory = this.#names.directory;
    const root = this.#fileSystem.realPath(directory);
    if (root === null) throw new FileSystemError('not-found', 'look at', directory);
    this.#root = root.endsWith('/') ? root : `${root}/`;
    this.#table.folders.set(directory, true);
    // A folder of our own elsewhere holds nobody's links.
    if (this.#spec.partsDirectory === null) this.#folderExists(parentOf(this.#names.parts));
  }

  #look(index: number, file: StorageFile): void {
    if (file.isPadding || file.symlinkTarget !== null) return;
    const missingBefore = this.#table.missingBytes;
    const finalPath = this.#names.final(index);
    let allocatedBytes = 0;
    if (this.#folderExists(parentOf(finalPath))) {
      // An empty file is never incomplete.
      const incomplete = file.length === 0 ? null : this.#find(this.#names.incomplete(index), file);
      const final = this.#find(finalPath, file);
      if (incomplete !== null) {
        this.#put(index, PLACE_INCOMPLETE, incomplete);
        allocatedBytes = incomplete.allocatedBytes;
        if (final !== null) this.#table.rivalLength[index] = final.length;
      } else if (final !== null) {
        this.#put(index, PLACE_FINAL, final);
        // A finished file counts by its length: file systems that compress allocate less.
        allocatedBytes = final.length;
      }
    }
    if (file.isWanted) {
      this.#table.missingBytes = missingBefore + Math.max(0, file.length - allocatedBytes);
    }
  }

  #put(index: number, place: number, status: FileStatus): void {
    this.#table.place[index] = place;
    this.#table.storedLength[index] = status.length;
    this.#stamps.stamp(index, status);
  }

  /** The file at `path`, or null. Things that are no files do not matter where they are in nobody's way. */
  #find(path: string, file: StorageFile): FileStatus | null {
    const status = this.#fileSystem.status(path);
    if (status === null) return null;
    if (status.kind !== 'file') {
      if (!file.isWanted) return null;
      throw new FileSystemError(
        status.kind === 'directory' ? 'is-a-directory' : 'foreign-data',
        'look at',
        path,
      );
    }
    return this.#isInside(path, file.isWanted) ? status : null;
  }

  #folderExists(path: string): boolean {
    const known = this.#table.folders.get(path);
    if (known !== undefined) return known;
    const exists = this.#folderExists(parentOf(path)) && this.#lookAtFolder(path);
    this.#table.folders.set(path, exists);
    return exists;
  }

  #lookAtFolder(path: string): boolean {
    const status = this.#fileSystem.status(path);
    if (status === null) return false;
    if (status.kind !== 'directory') throw new FileSystemError('not-a-directory', 'look at', path);
    return this.#isInside(path, true);
  }

  /** True when no link takes `path` out of the directory; refused, or false, when one does. */
  #isInside(path: string, isRefused: boolean): boolean {
    const realPath = this.#fileSystem.realPath(path);
    if (realPath === null || realPath.startsWith(this.#root)) return true;
    if (!isRefused) return false;
    throw new FileSystemError('access-denied', 'follow the link', `${path} to ${realPath}`);
  }
}
