/**
 * Owns how the descriptors that the process may open are shared out: so many for the disk, so many for peers. Fixed from
 * the start, because a peer that is refused for lack of descriptors cannot ask the disk for one, nor the other way.
 */
import { readFileSync } from 'node:fs';
import { MAX_OPEN_FILES } from '../disk/limits.ts';

const DISK_SHARE = 1 / 4;
/** What three threads of Node, their pipes, the listener and a few trackers take, measured, with room to spare. */
const RESERVED_DESCRIPTORS = 40;
/** With fewer there is no swarm to speak of. */
const MIN_PEERS = 4;

/** Files to keep open at most; the full number where the system does not tell its limit. */
export function fairShareOfDescriptors(): number {
  const limit = openFilesLimit();
  return Math.max(1, Math.min(MAX_OPEN_FILES, Math.floor(limit * DISK_SHARE)));
}

/** Peer connections at most, so that the disk, the trackers and the program itself find a descriptor when they need one. */
export function descriptorsForPeers(): number {
  return Math.max(MIN_PEERS, openFilesLimit() - fairShareOfDescriptors() - RESERVED_DESCRIPTORS);
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
