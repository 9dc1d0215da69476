/**
 * Owns how many descriptors the disk may use of those that the process may open: a share that leaves sockets their
 * part from the start, because a peer that is refused for lack of descriptors cannot ask the disk for one.
 */
import { readFileSync } from 'node:fs';
import { MAX_OPEN_FILES } from '../disk/limits.ts';

const DISK_SHARE = 1 / 4;

/** Files to keep open at most; the full number where the system does not tell its limit. */
export function fairShareOfDescriptors(): number {
  const limit = openFilesLimit();
  return Math.max(1, Math.min(MAX_OPEN_FILES, Math.floor(limit * DISK_SHARE)));
}

/** Only Linux tells it in a file, and Node has no other way to ask. Without it the pool finds its size by failing. */
function openFilesLimit(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
