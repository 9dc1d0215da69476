/** Owns the failure of who reads what is not there: a file is missing, or shorter than it was. */
import type { Failure } from '../ports/failure.ts';
import type { Storage } from './storage.ts';

export function missingBytes(storage: Storage, piece: number): Failure {
  const detail = `${storage.files.names.directory} (piece ${piece})`;
  return { code: 'changed', operation: 'read', detail };
}
