/** Owns the step from what the file system threw to the failure value that the engine gets. */
import type { Failure } from '../ports/failure.ts';
import { FileSystemError } from '../ports/file-system.ts';

/** `error` as a failure; anything but a `FileSystemError` is a bug and is thrown on. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof FileSystemError)) throw error;
  return { code: error.code, operation: error.operation, detail: error.path };
}
