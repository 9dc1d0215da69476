/**
 * Owns the translation of Node's file system errors into the codes of the `FileSystem` port. An error without
 * a system code is a bug of ours and passes through unchanged.
 */
import type { FailureCode } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';

const CODES: Readonly<Record<string, FailureCode>> = {
  ENOENT: 'not-found',
  EACCES: 'access-denied',
  EPERM: 'access-denied',
  ELOOP: 'access-denied', // a link where none is followed, or links in a circle
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EIO: 'io-error',
  ENXIO: 'io-error',
  ENODEV: 'io-error',
  ESTALE: 'io-error', // a network file system that lost the file
  ETIMEDOUT: 'io-error',
  EMFILE: 'too-many-open-files',
  ENFILE: 'too-many-open-files',
  EFBIG: 'file-too-large',
  ENAMETOOLONG: 'name-too-long',
  ENOTDIR: 'not-a-directory',
  EISDIR: 'is-a-directory',
  EEXIST: 'foreign-data', // what we would make is there already, and is something else
  ENOSYS: 'unsupported',
  EOPNOTSUPP: 'unsupported',
  ENOTSUP: 'unsupported',
};

/** What to throw for `error`, met in `operation` on `path`. */
export function fileSystemError(error: unknown, operation: string, path: string): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  return new FileSystemError(known ?? 'other', operation, known === undefined ? `${path} (${code})` : path);
}

/** The system's name of an error, for instance `ENOENT`; null when it carries none. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return 'syscall' in error ? error.code : null;
}
