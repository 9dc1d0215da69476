/**
 * Owns the name of this boot of the machine: it changes whenever memory was lost, and only then.
 */
import { readFileSync } from 'node:fs';

/** A name, or null where the system tells none: what was not synced is then never believed. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() || null;
  } catch {
    // Only Linux has the file. Elsewhere a restart checks what was not synced, which costs time and is always right.
    return null;
  }
}
