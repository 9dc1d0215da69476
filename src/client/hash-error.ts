/** Owns what a failure of the file system while hashing means to the caller: one sentence that says what to do. */
import type { FailureCode } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';
import { ClientError } from './client-error.ts';

const REASONS: Partial<Readonly<Record<FailureCode, string>>> = {
  changed: 'it changed while it was read; try again when nothing writes to it',
  'not-found': 'it is gone',
  'access-denied': 'no permission to read it',
  'io-error': 'the device failed',
  'too-many-open-files': 'too many files are open',
  'is-a-directory': 'it is a folder',
};

/** `error` as what the call rejects with. */
export function hashError(error: unknown): unknown {
  if (!(error instanceof FileSystemError)) return error;
  return new ClientError(error.code, `cannot read ${error.path}: ${reasonOf(error.code)}`);
}

/** Why a file could not be read, without its name. */
export function reasonOf(code: FailureCode): string {
  return REASONS[code] ?? code;
}
