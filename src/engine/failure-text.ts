/**
 * Owns the sentences for what the world refused: what failed, on what, and what to do about it.
 */
import type { Failure, FailureCode } from '../ports/failure.ts';

const ADVICE: Readonly<Partial<Record<FailureCode, string>>> = {
  'disk-full': 'the disk is full: free some space and start again, what is verified is kept',
  'read-only': 'the file system is read-only: choose another folder with --dir',
  'access-denied': 'permission denied: choose another folder with --dir or change its permissions',
  'not-found': 'a file or folder is missing: it was moved or deleted; start again to fetch what is gone',
  'io-error': 'the device reported an input/output error: check the disk',
  'too-many-open-files':
    'too many open files: raise the limit (ulimit -n) or download fewer torrents at once',
  'file-too-large': 'the file is too large for this file system or its limit',
  'name-too-long': 'the name is too long for this file system: choose a folder with a shorter path',
  'not-a-directory':
    'a file stands where a folder is needed: move it away or choose another folder with --dir',
  'is-a-directory':
    'a folder stands where a file is needed: move it away or choose another folder with --dir',
  'foreign-data':
    'a different file is already there: move it away, choose another folder, or use --overwrite',
  changed: 'the file was changed by another program: start again to check it',
  'address-in-use': 'the port is in use: choose another with --port, or 0 for any free one',
  'address-unavailable': 'this machine does not have that address: choose another with --bind',
};

/** One sentence without a full stop. */
export function failureSentence(failure: Failure): string {
  const advice = ADVICE[failure.code] ?? failure.code.replaceAll('-', ' ');
  return `cannot ${failure.operation} ${failure.detail}: ${advice}`;
}
