/** Owns the question whether anything at all stands at a path, a link that leads nowhere included. */
import { lstatSync } from 'node:fs';
import { fileSystemError, systemCode } from './file-system-errors.ts';

/** Throws `FileSystemError` when that cannot be told. */
export function standsAt(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw fileSystemError(error, 'look at', path);
  }
}
