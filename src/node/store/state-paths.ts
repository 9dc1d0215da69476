/**
 * Owns the names in a state folder, and the moving of files in it: making the folder, setting damaged files aside, putting
 * a fresh one in their place. Nothing is ever deleted but our own half-made files.
 *
 * The files of the database are looked at without being opened: on POSIX systems a process that closes a file, by whatever
 * descriptor, loses the locks that SQLite holds on it.
 */
import {
  accessSync,
  constants,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FileSystemError } from '../../ports/file-system.ts';
import { fileSystemError, systemCode } from '../file-system-errors.ts';
import { makeFolder } from '../make-folder.ts';

/** What SQLite puts beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal'] as const;
/** The state tells what a person downloads, and has passkeys in it: it is nobody else's business. */
const FOLDER_MODE = 0o700;

export class StatePaths {
  readonly folder: string;
  readonly database: string;
  /** A database under construction, to take the place of a damaged one. */
  readonly fresh: string;
  readonly lock: string;
  /** Says which process has the lock, for people. */
  readonly pid: string;

  constructor(folder: string) {
    this.folder = folder;
    this.database = join(folder, 'state.db');
    this.fresh = join(folder, 'state.db.fresh');
    this.lock = join(folder, 'state.lock');
    this.pid = join(folder, 'state.pid');
  }

  /** Makes the folder if need be. Throws `FileSystemError` unless this process may write in it. */
  prepareFolder(): void {
    attempt('make folder', this.folder, () => {
      try {
        makeFolder(this.folder, FOLDER_MODE);
      } catch (error) {
        if (systemCode(error) === 'EEXIST') throw new FileSystemError('not-a-directory', 'use', this.folder);
        // A read-only device makes Node say that a folder is missing; the folder above knows better.
        if (systemCode(error) === 'ENOENT') accessSync(nearestExisting(this.folder), constants.W_OK);
        throw error;
      }
    });
    attempt('write to', this.folder, () => accessSync(this.folder, constants.W_OK | constants.X_OK));
  }

  /** The last process that had the database did not close it. */
  get wasLeftOpen(): boolean {
    return sizeOf(`${this.database}-wal`) > 0;
  }

  get databaseBytes(): number {
    return sizeOf(this.database);
  }

  /** Finishes a replacement that was interrupted; whoever calls this has the lock. */
  finishReplacing(): void {
    if (exists(this.database)) {
      this.removeFresh();
      return;
    }
    // Changes of a database that is gone: SQLite would delete them for want of it.
    if (sizeOf(`${this.database}-wal`) > 0) this.setAside();
    if (exists(this.fresh)) rename(this.fresh, this.database);
  }

  /** Moves the database with its companions out of the way; where it lies then. */
  setAside(): string {
    const target = this.#asidePath();
    // The database first: its companions without it are noticed at the next start, it without them would be used.
    if (exists(this.database)) rename(this.database, target);
    for (const suffix of COMPANIONS) {
      if (exists(this.database + suffix)) rename(this.database + suffix, target + suffix);
    }
    return target;
  }

  /** Puts the fresh database, closed and whole, in the place of one that was set aside. */
  installFresh(): void {
    rename(this.fresh, this.database);
  }

  removeFresh(): void {
    for (const suffix of ['', ...COMPANIONS]) {
      attempt('remove', this.fresh + suffix, () => rmSync(this.fresh + suffix, { force: true }));
    }
  }

  emptyLock(): void {
    attempt('empty', this.lock, () => truncateSync(this.lock, 0));
  }

  /** Leaves word of who has the lock. It is a courtesy, so failing to is no failure. */
  writePid(): void {
    try {
      writeFileSync(this.pid, `${process.pid}\n`);
    } catch {
      // The message to whoever finds the lock taken is then without a number.
    }
  }

  removePid(): void {
    attempt('remove', this.pid, () => rmSync(this.pid, { force: true }));
  }

  /** The living process that left word of having the lock, or null when that is not known. */
  readPid(): number | null {
    try {
      const pid = Number.parseInt(readFileSync(this.pid, 'latin1'), 10);
      if (!(pid > 0)) return null;
      process.kill(pid, 0);
      return pid;
    } catch {
      // No word was left, it cannot be read, or nobody of that number lives: not known.
      return null;
    }
  }

  #asidePath(): string {
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    const base = `${this.database}.damaged-${stamp}`;
    for (let number = 1; ; number++) {
      const path = number === 1 ? base : `${base}-${number}`;
      if (!['', ...COMPANIONS].some((suffix) => exists(path + suffix))) return path;
    }
  }
}

/** `path`, or the folder nearest above it that is there; the root always is. */
function nearestExisting(path: string): string {
  return exists(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function rename(from: string, to: string): void {
  attempt('rename', from, () => renameSync(from, to));
}

function exists(path: string): boolean {
  return attempt('look at', path, () => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}

function sizeOf(path: string): number {
  return attempt('look at', path, () => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}

/** Runs `action`; what the file system refuses is thrown as `FileSystemError`. */
function attempt<T>(operation: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileSystemError(error, operation, path);
  }
}
