/**
 * Owns `spate create`: makes a torrent and writes it to a new file or to stdout. stdout carries nothing else.
 */
import { basename, join, relative, resolve } from 'node:path';
import { type CreatedTorrent, createTorrent, InputError } from '../client/index.ts';
import type { CreateOptions } from './create-options.ts';
import { EXIT_DONE } from './exit-codes.ts';
import { formatBytes, formatCount } from './format.ts';
import { interruptible } from './interruptible.ts';
import { isFolder, refuseUnwritable, writeNewFile } from './new-file.ts';
import { formatPieceLength } from './show.ts';
import { printable } from './terminal-text.ts';
import { WorkLine } from './work-line.ts';
import type { World } from './world.ts';

/** Runs the command; its exit code. What people must know is said when it returns. */
export function create(options: CreateOptions, world: World): Promise<number> {
  const line = new WorkLine(world.stderr, () => world.now());
  return interruptible(world, line, (signal) => createAndWrite(options, world, line, signal));
}

async function createAndWrite(
  options: CreateOptions,
  world: World,
  line: WorkLine,
  signal: AbortSignal,
): Promise<number> {
  // Before the hours of hashing, not after them.
  const out = outputPath(options, world);
  if (out !== null) refuseUnwritable(out);
  const { path, format, pieceLength, trackers, webSeeds, isPrivate, comment, source, exclude } = options;
  const created = await createTorrent({
    path,
    format,
    pieceLength,
    trackers,
    webSeeds,
    isPrivate,
    comment,
    source,
    exclude,
    ...(options.withDate ? {} : { createdAt: null }),
    onProgress: (progress) => line.update(progress),
    signal,
  });
  line.clear();
  signal.throwIfAborted();
  if (out === null) await world.stdout.write(created.metainfo);
  else writeNewFile(out, created.metainfo);
  if (!signal.aborted) await world.stderr.write(summary(options, created, out));
  return EXIT_DONE;
}

/** Absolute path of the file to write; null for stdout. */
function outputPath(options: CreateOptions, world: World): string | null {
  if (options.out === '-') {
    if (world.stdout.columns === null) return null;
    throw new InputError(
      'usage',
      'stdout is a terminal, which cannot show a torrent; redirect it or name a file',
    );
  }
  const name = `${basename(options.path)}.torrent`;
  if (options.out === null) return resolve(name);
  const out = resolve(options.out);
  return isFolder(out) ? join(out, name) : out;
}

function summary(options: CreateOptions, created: CreatedTorrent, out: string | null): string {
  const pieces = `${formatCount(created.pieceCount, 'piece')} of ${formatPieceLength(created.pieceLength)}`;
  const content = `${formatBytes(created.totalBytes)} in ${formatCount(created.fileCount, 'file')}, ${pieces}`;
  const lines = [`${out === null ? printable(created.name) : printable(shortest(out))}: ${content}`];
  if (created.infoHashV1 !== null) lines.push(`info hash v1: ${created.infoHashV1}`);
  if (created.infoHashV2 !== null) lines.push(`info hash v2: ${created.infoHashV2}`);
  if (isFolderLost(options, created)) {
    lines.push('note: a v2 torrent of a folder with one file is that file alone, without its folder');
  }
  if (out !== null && isInside(options.path, out)) {
    lines.push('note: the torrent lies in the folder that it describes, but is no part of it');
  }
  return `${lines.join('\n')}\n`;
}

/** The path, or the way to it from here when that is shorter. */
function shortest(path: string): string {
  const way = relative('.', path);
  return way !== '' && way.length < path.length ? way : path;
}

/** BEP 52 has no way to tell one from the other. */
function isFolderLost(options: CreateOptions, created: CreatedTorrent): boolean {
  return options.format === 'v2' && created.isSingleFile && isFolder(options.path);
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way.split(/[/\\]/)[0] !== '..';
}
