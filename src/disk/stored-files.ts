/**
 * Owns the files of one storage as things to read and write: opens them through the pool, creates an
 * incomplete file with its full length (sparse) at its first write, and moves between the names.
 *
 * Decisions: a file that exists under its final name and turns out to be incomplete keeps that name until
 * something is written to it. A file that a person removed meanwhile is not made again: its verified bytes
 * would be gone without a word. The person's directory itself is never made here, because it may be a mount
 * point without its mount.
 */
import type { StorageSpec } from '../ports/disk.ts';
import { type FileHandle, type FileSystem, FileSystemError } from '../ports/file-system.ts';
import { type FileNames, parentOf } from './file-names.ts';
import type { FilePool, OpenFiles } from './file-pool.ts';
import { type FileTable, PLACE_FINAL, PLACE_INCOMPLETE, PLACE_NONE } from './file-table.ts';
import { StampTable } from './stamp-table.ts';

export class StoredFiles {
  readonly fileSystem: FileSystem;
  readonly spec: StorageSpec;
  readonly names: FileNames;
  readonly table: FileTable;
  readonly stamps: StampTable;
  readonly pool: FilePool;
  readonly open: OpenFiles = new Map();

  constructor(fileSystem: FileSystem, pool: FilePool, spec: StorageSpec, names: FileNames, table: FileTable) {
    this.fileSystem = fileSystem;
    this.pool = pool;
    this.spec = spec;
    this.names = names;
    this.table = table;
    this.stamps = new StampTable(spec.files.length);
  }

  /** The file to read from, which exists. Throws `FileSystemError`. */
  forReading(file: number): FileHandle {
    return (
      this.pool.find(this.open, file, false) ??
      this.pool.open(this.open, file, this.currentPath(file), 'read')
    );
  }

  /** The file to write to, under its incomplete name and as long as it will be. Throws `FileSystemError`. */
  forWriting(file: number): FileHandle {
    this.stamps.onWritten(file);
    return this.pool.find(this.open, file, true) ?? this.#openForWriting(file);
  }

  /** Where a file that exists lies now. */
  currentPath(file: number): string {
    return this.table.place[file] === PLACE_FINAL ? this.names.final(file) : this.names.incomplete(file);
  }

  /** Makes the folder of `path` when it is missing. Throws `FileSystemError`. */
  makeFolderOf(path: string): void {
    const folder = parentOf(path);
    if (this.table.folders.get(folder) === true) return;
    if (this.fileSystem.status(this.names.directory) === null) {
      throw new FileSystemError('not-found', 'write to', this.names.directory);
    }
    this.fileSystem.makeDirectory(folder);
    this.table.folders.set(folder, true);
  }

  /** Gives the file that exists the length that it must have. Throws `FileSystemError`. */
  setLength(file: number): void {
    const length = this.spec.files[file]!.length;
    if (this.table.storedLength[file] === length) return;
    const handle =
      this.pool.find(this.open, file, true) ??
      this.pool.open(this.open, file, this.currentPath(file), 'write');
    this.stamps.onWritten(file);
    handle.truncate(length);
    this.table.storedLength[file] = length;
  }

  /** Closes all files. Throws the first `FileSystemError`. */
  closeAll(): void {
    this.pool.closeAll(this.open);
  }

  #openForWriting(file: number): FileHandle {
    const path = this.names.incomplete(file);
    if (this.table.place[file] === PLACE_NONE) {
      this.makeFolderOf(path);
      const handle = this.pool.open(this.open, file, path, 'create');
      this.table.place[file] = PLACE_INCOMPLETE;
      // Whatever its length is, it is not known to be right.
      this.table.storedLength[file] = -1;
      this.setLength(file);
      return handle;
    }
    if (this.table.place[file] === PLACE_FINAL) {
      this.pool.close(this.open, file);
      this.fileSystem.rename(this.names.final(file), path);
      this.table.place[file] = PLACE_INCOMPLETE;
    }
    const handle = this.pool.open(this.open, file, path, 'write');
    this.setLength(file);
    return handle;
  }
}
