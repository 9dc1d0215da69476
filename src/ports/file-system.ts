/**
 * The seam below the disk core: files, synchronously, because the disk core runs in a worker of its own and because
 * faults can then be injected at every call.
 *
 * Contract: every call returns a value or throws a `FileSystemError` with one of the codes; nothing else. Paths
 * are absolute and use `/`. Reads and writes may be short only as their docstrings say. A write is visible to a later
 * read at once, and durable only after `sync` of that handle.
 */
import type { FailureCode } from './failure.ts';

export class FileSystemError extends Error {
  override readonly name = 'FileSystemError';
  readonly code: FailureCode;
  /** What was tried: `open`, `write`, … */
  readonly operation: string;
  readonly path: string;

  constructor(code: FailureCode, operation: string, path: string) {
    super(`${operation} ${path}: ${code}`);
    this.code = code;
    this.operation = operation;
    this.path = path;
  }
}

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'other';
  readonly length: number;
  /** Bytes that it takes on the device: less than `length` when it has holes. */
  readonly allocatedBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface SpaceStatus {
  /** Bytes that this process may still write. */
  readonly freeBytes: number;
}

/** An open file. */
export interface FileHandle {
  /** Reads into `targets`, one after the other, from `position`; returns the bytes read, short only at end of file. */
  read(position: number, targets: readonly Uint8Array[]): number;
  /** Writes all of `sources`, one after the other, at `position`. */
  write(position: number, sources: readonly Uint8Array[]): void;
  /** Makes the file `length` long; what is added reads as zeros and takes no space. */
  truncate(length: number): void;
  sync(): void;
  close(): void;
}

export interface FileSystem {
  /** What stands at `path`, links followed; null when nothing does, also because the path leads through a file. */
  status(path: string): FileStatus | null;
  /** Absolute path of what stands at `path` with every link in it followed, or null when nothing stands there. */
  realPath(path: string): string | null;
  /**
   * Opens an existing file for reading, or for reading and writing; `create` makes it when missing, and refuses a
   * link as the last part of the path, because that could make a file elsewhere.
   */
  open(path: string, mode: 'read' | 'write' | 'create'): FileHandle;
  /** Makes the directory and its parents; harmless when it exists. */
  makeDirectory(path: string): void;
  /** Gives a file another name; what carries that name already is replaced. */
  rename(from: string, to: string): void;
  /** Removes a file, or a link and not what it leads to; harmless when nothing is there. */
  remove(path: string): void;
  /** Removes an empty directory; harmless when it is missing or not empty. */
  removeDirectory(path: string): void;
  /** Makes a link; harmless when the same one is there, `foreign-data` when anything else is. */
  symlink(target: string, path: string): void;
  setExecutable(path: string): void;
  /** Space on the file system that holds the existing directory `path`. */
  space(path: string): SpaceStatus;
}
