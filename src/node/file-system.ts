/**
 * The `FileSystem` port on Node's synchronous file calls. Meant for the disk worker, which has nothing else
 * to do while the system works.
 *
 * Hot file: `read` and `write` allocate nothing unless the system transfers less than it was asked to.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  readvSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  statfsSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import type { FileHandle, FileStatus, FileSystem, SpaceStatus } from '../ports/file-system.ts';
import { FileSystemError } from '../ports/file-system.ts';
import { fileSystemError, systemCode } from './file-system-errors.ts';
import { makeFolder } from './make-folder.ts';

/** Views that one vectored call takes: IOV_MAX is 1024 wherever Node runs. */
const MAX_VECTORS = 1024;
/** Unit of `st_blocks`, whatever the block size of the device is (POSIX). */
const ALLOCATION_UNIT = 512;
const EXECUTE_BITS = 0o111;
/** Without O_NONBLOCK, opening a named pipe that somebody put in a file's place would wait for ever. */
const COMMON_FLAGS = constants.O_NONBLOCK ?? 0;
const OPEN_FLAGS = {
  read: COMMON_FLAGS | constants.O_RDONLY,
  write: COMMON_FLAGS | constants.O_RDWR,
  create: COMMON_FLAGS | constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0),
} as const;

export class NodeFileSystem implements FileSystem {
  status(path: string): FileStatus | null {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats === undefined ? null : fileStatus(stats);
    } catch (error) {
      throw fileSystemError(error, 'look at', path);
    }
  }

  realPath(path: string): string | null {
    try {
      return realpathSync.native(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw fileSystemError(error, 'look at', path);
    }
  }

  open(path: string, mode: 'read' | 'write' | 'create'): FileHandle {
    try {
      const descriptor = openSync(path, OPEN_FLAGS[mode], 0o666);
      if (mode === 'read') refuseFolder(descriptor, path);
      return new NodeFileHandle(descriptor, path);
    } catch (error) {
      throw fileSystemError(error, 'open', path);
    }
  }

  makeDirectory(path: string): void {
    try {
      makeFolder(path);
    } catch (error) {
      // The system says "exists" for a file that stands where the folder would.
      if (systemCode(error) === 'EEXIST') throw new FileSystemError('not-a-directory', 'make folder', path);
      throw fileSystemError(error, 'make folder', path);
    }
  }

  rename(from: string, to: string): void {
    try {
      renameSync(from, to);
    } catch (error) {
      throw fileSystemError(error, 'rename', from);
    }
  }

  remove(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fileSystemError(error, 'remove', path);
    }
  }

  removeDirectory(path: string): void {
    try {
      rmdirSync(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return;
      throw fileSystemError(error, 'remove folder', path);
    }
  }

  symlink(target: string, path: string): void {
    try {
      symlinkSync(target, path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST' && isLinkTo(path, target)) return;
      throw fileSystemError(error, 'make link', path);
    }
  }

  setExecutable(path: string): void {
    try {
      chmodSync(path, (statSync(path).mode | EXECUTE_BITS) & 0o7777);
    } catch (error) {
      throw fileSystemError(error, 'make executable', path);
    }
  }

  space(path: string): SpaceStatus {
    try {
      const stats = statfsSync(path);
      return { freeBytes: stats.bavail * stats.bsize };
    } catch (error) {
      throw fileSystemError(error, 'look at the free space of', path);
    }
  }
}

class NodeFileHandle implements FileHandle {
  readonly #descriptor: number;
  readonly #path: string;

  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  read(position: number, targets: readonly Uint8Array[]): number {
    try {
      const first = this.#readOnce(position, targets);
      const wanted = totalLength(targets);
      let done = first;
      while (done < wanted) {
        const count = this.#readOnce(position + done, viewsFrom(targets, done));
        if (count === 0) break;
        done += count;
      }
      return done;
    } catch (error) {
      throw fileSystemError(error, 'read', this.#path);
    }
  }

  write(position: number, sources: readonly Uint8Array[]): void {
    try {
      const wanted = totalLength(sources);
      let done = this.#writeOnce(position, sources);
      while (done < wanted) {
        const count = this.#writeOnce(position + done, viewsFrom(sources, done));
        if (count === 0) throw new FileSystemError('io-error', 'write', this.#path);
        done += count;
      }
    } catch (error) {
      throw fileSystemError(error, 'write', this.#path);
    }
  }

  truncate(length: number): void {
    try {
      ftruncateSync(this.#descriptor, length);
    } catch (error) {
      throw fileSystemError(error, 'set the length of', this.#path);
    }
  }

  sync(): void {
    try {
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw fileSystemError(error, 'sync', this.#path);
    }
  }

  close(): void {
    try {
      closeSync(this.#descriptor);
    } catch (error) {
      throw fileSystemError(error, 'close', this.#path);
    }
  }

  #readOnce(position: number, targets: readonly Uint8Array[]): number {
    if (targets.length === 1) {
      const only = targets[0]!;
      return readSync(this.#descriptor, only, 0, only.length, position);
    }
    return readvSync(this.#descriptor, limited(targets), position);
  }

  #writeOnce(position: number, sources: readonly Uint8Array[]): number {
    if (sources.length === 1) {
      const only = sources[0]!;
      return writeSync(this.#descriptor, only, 0, only.length, position);
    }
    return writevSync(this.#descriptor, limited(sources), position);
  }
}

/** The system lets a folder be opened for reading and fails at the first read only: say it at once. */
function refuseFolder(descriptor: number, path: string): void {
  if (!fstatSync(descriptor).isDirectory()) return;
  closeSync(descriptor);
  throw new FileSystemError('is-a-directory', 'open', path);
}

function limited(views: readonly Uint8Array[]): readonly Uint8Array[] {
  return views.length <= MAX_VECTORS ? views : views.slice(0, MAX_VECTORS);
}

function totalLength(views: readonly Uint8Array[]): number {
  let length = 0;
  for (let i = 0; i < views.length; i++) length += views[i]!.length;
  return length;
}

/** What is left of `views` after the first `skip` bytes. */
function viewsFrom(views: readonly Uint8Array[], skip: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let left = skip;
  for (const view of views) {
    if (left < view.length) rest.push(left === 0 ? view : view.subarray(left));
    left = Math.max(0, left - view.length);
  }
  return rest;
}

function fileStatus(stats: Stats): FileStatus {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
    length: stats.size,
    // Where the system does not count blocks, everything counts as present.
    allocatedBytes: stats.blocks === undefined ? stats.size : stats.blocks * ALLOCATION_UNIT,
    modifiedAt: stats.mtimeMs,
  };
}

function isLinkTo(path: string, target: string): boolean {
  return lstatSync(path).isSymbolicLink() && readlinkSync(path) === target;
}
