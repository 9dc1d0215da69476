/**
 * Owns the writing of a file that must not replace another: whole or not at all, whatever happens meanwhile.
 */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ClientError, InputError } from '../client/index.ts';

/** Throws `InputError` when nothing can be written to `path`: something is there, or its folder is no place to write. */
export function refuseUnwritable(path: string): void {
  const folder = dirname(path);
  if (!isFolder(folder)) throw new InputError('not-found', `there is no folder ${folder} to write to`);
  try {
    accessSync(folder, constants.W_OK);
    if (stands(path)) throw exists(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('access-denied', `cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** True when a folder, or a link to one, is at `path`. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Whatever the reason is, it is no folder to go on with; the next step with the path says why.
    return false;
  }
}

/**
 * Writes `bytes` to `path`, where nothing is. Synchronous, so that no signal comes between; other programs see nothing or
 * all of it. Throws `InputError` when something is there by now, `ClientError` when it cannot be written.
 */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const temporary = join(dirname(path), `.spate-${process.pid}-${Date.now()}.tmp`);
  try {
    writeWhole(temporary, bytes);
    claim(temporary, path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new ClientError('cannot-write', `cannot write ${path}: ${reasonOf(error)}`);
  } finally {
    remove(temporary);
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o666);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A rename would replace what another program has put there meanwhile, a link does not. */
function claim(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw exists(path);
    // File systems without hard links, such as FAT: the gap between the look and the rename is as small as it gets.
    if (stands(path)) throw exists(path);
    renameSync(temporary, path);
  }
}

function stands(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // It was renamed, or never made.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function exists(path: string): InputError {
  return new InputError('exists', `${path} exists already; take another name with --out, or remove it`);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENAMETOOLONG: 'the name is too long',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
