/**
 * Owns the look at what a new torrent is made of: every file below a path, with what a torrent says of it.
 *
 * Links are followed, as other tools do by default, because few clients understand links in torrents; a circle is an
 * error. So is whatever could not be read later, each with a sentence that names it: hashing takes hours, and a torrent
 * that lacks a file without a word is worse than none.
 */
import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join, matchesGlob, resolve } from 'node:path';
import { InputError } from '../base/input-error.ts';
import { fromUtf8 } from '../base/text.ts';
import { MAX_FILES } from '../protocol/metainfo/metainfo-limits.ts';
import { MAX_PATH_DEPTH } from '../protocol/metainfo/safe-path.ts';
import { systemCode } from './file-system-errors.ts';
import { standsAt } from './stands-at.ts';

export interface ListedFile {
  /** Below the folder that was listed; for a single file its name. */
  readonly parts: readonly string[];
  readonly path: string;
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly isExecutable: boolean;
}

export interface Listing {
  /** Of the file or the folder. */
  readonly name: string;
  readonly isSingleFile: boolean;
  /** In no particular order. */
  readonly files: readonly ListedFile[];
}

/** Entries looked at before other work of this thread has its turn. */
const ENTRIES_PER_TURN = 1000;
const OWNER_EXECUTES = 0o100;

/**
 * Everything below `path`, but for what a glob of `exclude` matches: one without a slash matches names of files and
 * folders at any depth, one with a slash paths below `path`. Rejects with `InputError`, or with the signal's reason.
 */
export async function listFiles(
  path: string,
  exclude: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Listing> {
  const root = resolve(path);
  const name = basename(root);
  if (name === '') throw new InputError('bad-path', `${path} has no name that a torrent could carry`);
  if (name.includes('\ufffd')) throw notUtf8(path);
  const stats = look(root);
  if (stats.isFile()) {
    const file = listedFile([name], root, stats, lstatSync(root));
    return { name, isSingleFile: true, files: [file] };
  }
  if (!stats.isDirectory()) throw neitherFileNorFolder(root);
  const walk = new Walk(exclude, signal);
  await walk.folder(root, [], []);
  return { name, isSingleFile: false, files: walk.files };
}

class Walk {
  readonly files: ListedFile[] = [];
  readonly #globs: readonly Glob[];
  readonly #signal: AbortSignal | undefined;
  #entries = 0;

  constructor(exclude: readonly string[], signal: AbortSignal | undefined) {
    this.#globs = exclude.map(parseGlob);
    this.#signal = signal;
  }

  /** `above` are the real paths of the folders that this one lies in. */
  async folder(path: string, parts: readonly string[], above: readonly string[]): Promise<void> {
    const realPath = attempt(path, () => realpathSync.native(path));
    if (above.includes(realPath)) {
      throw new InputError(
        'circle',
        `${path} leads through a link back to a folder that it lies in; leave it out with --exclude`,
      );
    }
    // The top folder is one more part.
    if (parts.length + 1 >= MAX_PATH_DEPTH)
      throw new InputError('too-deep', `${path} lies too deep for a torrent`);
    const names = attempt(path, () => readdirSync(path, { encoding: 'buffer' }));
    for (const bytes of names) {
      const name = fromUtf8(bytes);
      if (name === null) throw notUtf8(join(path, bytes.toString('utf8')));
      const child = [...parts, name];
      if (!this.#isExcluded(name, child.join('/')))
        await this.#entry(join(path, name), child, [...above, realPath]);
    }
  }

  async #entry(path: string, parts: readonly string[], above: readonly string[]): Promise<void> {
    if (++this.#entries % ENTRIES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    this.#signal?.throwIfAborted();
    const link = attempt(path, () => lstatSync(path));
    const stats = link.isSymbolicLink() ? look(path) : link;
    if (stats.isDirectory()) await this.folder(path, parts, above);
    else if (stats.isFile()) {
      if (this.files.length === MAX_FILES) {
        throw new InputError(
          'too-many-files',
          `there are more than ${MAX_FILES} files, too many for a torrent`,
        );
      }
      this.files.push(listedFile(parts, path, stats, link));
    } else throw neitherFileNorFolder(path);
  }

  #isExcluded(name: string, path: string): boolean {
    for (const { pattern, isPath } of this.#globs) {
      const text = isPath ? path : name;
      if (text === pattern || matchesGlob(text, pattern)) return true;
    }
    return false;
  }
}

interface Glob {
  readonly pattern: string;
  readonly isPath: boolean;
}

function parseGlob(text: string): Glob {
  const pattern = text.replace(/^\.?\//, '').replace(/\/+$/, '');
  return { pattern, isPath: pattern.includes('/') };
}

/** `link` is what stands at `path` itself. */
function listedFile(parts: readonly string[], path: string, stats: Stats, link: Stats): ListedFile {
  attempt(path, () => accessSync(path, constants.R_OK));
  return {
    parts,
    path,
    length: stats.size,
    modifiedAt: stats.mtimeMs,
    // Of a link its own mode counts, which always says so: libtorrent has it that way, and the info hash follows.
    isExecutable: process.platform !== 'win32' && (link.mode & OWNER_EXECUTES) !== 0,
  };
}

/** What stands at `path`, links followed. */
function look(path: string): Stats {
  return attempt(path, () => statSync(path));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw sentence(error, path);
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ENOTDIR: 'there is no such file or folder',
  ELOOP: 'its links run in a circle',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EIO: 'the device failed',
};

function sentence(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const reason = code === 'ENOENT' ? absence(path) : (SENTENCES[code] ?? (error as Error).message);
  return new InputError('unreadable', `cannot read ${path}: ${reason}`);
}

function absence(path: string): string {
  return standsAt(path) ? 'it is a link to something that does not exist' : 'there is no such file or folder';
}

function neitherFileNorFolder(path: string): InputError {
  return new InputError('not-a-file', `${path} is neither a file nor a folder; leave it out with --exclude`);
}

function notUtf8(path: string): InputError {
  return new InputError('bad-name', `the name ${path} is not valid UTF-8, which a torrent needs`);
}
