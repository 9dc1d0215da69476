/**
 * Owns a torrent's files as a tree in the order of a screen: a folder stands where its first file does, padding is left
 * out. Made once for a torrent. Pure.
 */
import type { Metainfo } from '../../client/index.ts';

export interface TreeFile {
  readonly kind: 'file';
  readonly name: string;
  readonly depth: number;
  /** Index in the torrent. */
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export interface TreeFolder {
  readonly kind: 'folder';
  readonly name: string;
  readonly depth: number;
  /** Rows of the tree that follow and lie in this folder. */
  readonly rowCount: number;
  readonly length: number;
}

export type TreeRow = TreeFile | TreeFolder;

interface OpenFolder {
  readonly name: string;
  readonly entries: (OpenFolder | TreeFile)[];
  readonly folders: Map<string, OpenFolder>;
}

/** All rows of the tree, folders before what is in them. */
export function fileTree(metainfo: Metainfo): TreeRow[] {
  const root = newFolder('');
  for (const [index, file] of metainfo.files.entries()) {
    if (file.isPadding) continue;
    const parts = file.path.split('/');
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = subfolder(folder, part);
    const { offset, length } = file;
    const depth = parts.length - 1;
    folder.entries.push({ kind: 'file', name: parts.at(-1)!, depth, file: index, offset, length });
  }
  const rows: TreeRow[] = [];
  flatten(root, 0, rows);
  return rows;
}

/** Recursion is bounded by the depth of safe paths. The sum of the lengths below `folder`. */
function flatten(folder: OpenFolder, depth: number, rows: TreeRow[]): number {
  let total = 0;
  for (const entry of folder.entries) {
    if ('entries' in entry) {
      const at = rows.length;
      rows.push({ kind: 'folder', name: entry.name, depth, rowCount: 0, length: 0 });
      const length = flatten(entry, depth + 1, rows);
      rows[at] = { kind: 'folder', name: entry.name, depth, rowCount: rows.length - at - 1, length };
      total += length;
    } else {
      rows.push(entry);
      total += entry.length;
    }
  }
  return total;
}

function subfolder(folder: OpenFolder, name: string): OpenFolder {
  let child = folder.folders.get(name);
  if (child === undefined) {
    child = newFolder(name);
    folder.folders.set(name, child);
    folder.entries.push(child);
  }
  return child;
}

function newFolder(name: string): OpenFolder {
  return { name, entries: [], folders: new Map() };
}
