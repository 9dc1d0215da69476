/**
 * Owns the drawing of a torrent's files as a numbered tree. A folder stands where its first file does; the
 * numbers are those of the files in the torrent, as `--select` takes them, and so may jump where the
 * torrent's order does.
 */
import type { Metainfo, MetainfoFile } from '../protocol/metainfo/metainfo.ts';
import { formatBytes } from './format.ts';
import { printable } from './terminal-text.ts';

interface Folder {
  readonly name: string;
  /** Files and folders in the order of their first appearance. */
  readonly entries: (Folder | NumberedFile)[];
  readonly folders: Map<string, Folder>;
}

interface NumberedFile {
  readonly number: number;
  readonly name: string;
  readonly file: MetainfoFile;
}

/** The lines of the tree, top folder first. `numbers` by file; what has none is left out. */
export function renderFileTree(metainfo: Metainfo, numbers: readonly (number | null)[]): string[] {
  const root = newFolder('');
  let count = 0;
  for (let i = 0; i < metainfo.files.length; i++) {
    const number = numbers[i]!;
    if (number === null) continue;
    const file = metainfo.files[i]!;
    const parts = file.path.split('/');
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = subfolder(folder, part);
    count++;
    folder.entries.push({ number, name: parts.at(-1)!, file });
  }
  const lines: string[] = [`Files (${count}):`];
  draw(root, 0, Math.max(3, String(count).length), lines);
  return lines;
}

/** Recursion is bounded by the depth of safe paths. */
function draw(folder: Folder, depth: number, width: number, lines: string[]): void {
  for (const entry of folder.entries) {
    const indent = '  '.repeat(depth);
    if ('entries' in entry) {
      lines.push(`${' '.repeat(width)}  ${indent}${printable(entry.name)}/`);
      draw(entry, depth + 1, width, lines);
    } else {
      const number = String(entry.number).padStart(width);
      lines.push(`${number}  ${indent}${printable(entry.name)}  ${describe(entry.file)}`);
    }
  }
}

function describe(file: MetainfoFile): string {
  if (file.symlinkTarget !== null) return `-> ${printable(file.symlinkTarget)}`;
  const notes = [formatBytes(file.length)];
  if (file.isExecutable) notes.push('executable');
  if (file.isHidden) notes.push('hidden');
  return `(${notes.join(', ')})`;
}

function subfolder(folder: Folder, name: string): Folder {
  let child = folder.folders.get(name);
  if (child === undefined) {
    child = newFolder(name);
    folder.folders.set(name, child);
    folder.entries.push(child);
  }
  return child;
}

function newFolder(name: string): Folder {
  return { name, entries: [], folders: new Map() };
}
