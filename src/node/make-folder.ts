/**
 * Owns the making of a folder with its parents. Node's own recursive call never returns where a folder that exists refuses
 * children with "not found", as `/proc` does.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Harmless when the folder exists. Throws the system's error. `mode` is for folders that are made. */
export function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || statSync(parent, { throwIfNoEntry: false }) !== undefined)
      throw error;
    makeFolder(parent, mode);
    makeFolder(path, mode);
  }
}
