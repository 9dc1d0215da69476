/**
 * The `FileSystem` port in memory, with faults: the n-th call, everything on one path, a full device, too
 * many open files, a read-only device, a power failure. Each instance is a device of its own.
 *
 * A power failure is that of a file system with a journal: folders are as they were at some moment since the last sync of
 * any file, which carries all changes of folders before it; of the bytes, lengths and times of files that were not synced
 * any part may be lost. Not modelled: permissions.
 */
import type { Random } from '../base/random.ts';
import type { FailureCode } from '../ports/failure.ts';
import {
  type FileHandle,
  type FileStatus,
  type FileSystem,
  FileSystemError,
  type SpaceStatus,
} from '../ports/file-system.ts';
import {
  type MemoryDirectory,
  MemoryFile,
  type MemoryLink,
  type MemoryNode,
  PAGE_LENGTH,
  type PageBudget,
} from './memory-file-system-nodes.ts';

export interface MemoryFileSystemOptions {
  /** Size of the device. Default unlimited. */
  readonly capacityBytes?: number;
  /** Files that may be open at a time. Default unlimited. */
  readonly maxOpenFiles?: number;
  /** Milliseconds since 1970, for the times of files. Default always 0. */
  readonly now?: () => number;
  /** Keeps what was synced, for {@link MemoryFileSystem.dropUnsynced}; costs a copy of each page. Default false. */
  readonly canLosePower?: boolean;
}

/** The device is without power: nothing that was under way goes on. */
export class PowerFailure extends Error {
  override readonly name = 'PowerFailure';
}

/** Links that one path may lead through, as systems have it. */
const MAX_LINKS = 40;
const MAX_NAME_LENGTH = 255;
/** What `space` says of an unlimited device. */
const UNLIMITED_BYTES = 2 ** 50;

interface Place {
  readonly folder: MemoryDirectory;
  readonly name: string;
  readonly path: string;
  readonly node: MemoryNode | null;
}

export class MemoryFileSystem implements FileSystem, PageBudget {
  readonly #root: MemoryDirectory = { kind: 'directory', entries: new Map() };
  readonly #now: () => number;
  readonly #failingCalls = new Map<number, FailureCode>();
  readonly #failingPaths = new Map<string, FailureCode>();
  readonly #failingSyncs = new Map<string, FailureCode>();
  readonly #canLosePower: boolean;
  /** How to take back each change of a folder since the last sync, in order. */
  #unsyncedChanges: (() => void)[] = [];
  #powerFailsAt = Number.POSITIVE_INFINITY;
  #pages = 0;
  /** Times that the processes using it ended; handles from before are dead. */
  generation = 0;
  /** Size of the device; may change at any time. */
  capacityBytes: number;
  maxOpenFiles: number;
  isReadOnly = false;
  /** Calls so far, those on handles included. */
  callCount = 0;
  /** Reads among them. */
  readCount = 0;
  openCount = 0;
  /** The most files that were open at a time. */
  peakOpenCount = 0;

  constructor(options: MemoryFileSystemOptions = {}) {
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.maxOpenFiles = options.maxOpenFiles ?? Number.POSITIVE_INFINITY;
    this.#now = options.now ?? (() => 0);
    this.#canLosePower = options.canLosePower ?? false;
  }

  /** Makes the `number`-th call from the beginning (1 is the first) fail. */
  failCall(number: number, code: FailureCode): void {
    this.#failingCalls.set(number, code);
  }

  /** Makes everything that is done to `path` fail; null heals it. */
  failPath(path: string, code: FailureCode | null): void {
    if (code === null) this.#failingPaths.delete(path);
    else this.#failingPaths.set(path, code);
  }

  /** Makes syncs of handles fail that were opened at `path`; null heals it. */
  failSyncOf(path: string, code: FailureCode | null): void {
    if (code === null) this.#failingSyncs.delete(path);
    else this.#failingSyncs.set(path, code);
  }

  /** Makes the power fail at the `number`-th call: it and all after it throw {@link PowerFailure}. */
  failPowerAt(number: number): void {
    this.#powerFailsAt = number;
  }

  /** The process that used it ended: its handles are gone, what it wrote stays. */
  dropHandles(): void {
    this.generation++;
    this.openCount = 0;
    this.#powerFailsAt = Number.POSITIVE_INFINITY;
  }

  /** The power failed: handles are gone, and any part of what was not synced. */
  dropUnsynced(random: Random): void {
    this.dropHandles();
    const kept = random.below(this.#unsyncedChanges.length + 1);
    for (const undo of this.#unsyncedChanges.splice(kept).reverse()) undo();
    this.#unsyncedChanges = [];
    this.#pages = 0;
    this.#forEachFile((file) => {
      file.dropUnsynced(random);
      this.#pages += file.allocatedBytes / PAGE_LENGTH;
    });
  }

  // FileSystem

  status(path: string): FileStatus | null {
    this.enter('look at', path);
    const node = this.#follow(path);
    if (node === null || node.kind === 'link') return null;
    const isFile = node.kind === 'file';
    return {
      kind: node.kind,
      length: isFile ? node.length : 0,
      allocatedBytes: isFile ? node.allocatedBytes : 0,
      modifiedAt: isFile ? node.modifiedAt : 0,
    };
  }

  realPath(path: string): string | null {
    this.enter('look at', path);
    const place = this.#locate(path, 'look at', true);
    return place === null || place.node === null ? null : place.path;
  }

  open(path: string, mode: 'read' | 'write' | 'create'): FileHandle {
    this.enter('open', path);
    if (this.openCount >= this.maxOpenFiles) throw new FileSystemError('too-many-open-files', 'open', path);
    const place = this.#locate(path, 'open', mode !== 'create');
    if (place?.node?.kind === 'directory') throw new FileSystemError('is-a-directory', 'open', path);
    if (mode !== 'read') this.#assertWritable('open', path);
    if (place === null || (place.node === null && mode !== 'create')) {
      throw new FileSystemError(this.#leadsThroughFile(path) ? 'not-a-directory' : 'not-found', 'open', path);
    }
    if (place.node?.kind === 'link') throw new FileSystemError('access-denied', 'open', path);
    const file = place.node ?? this.#makeFile(place);
    this.openCount++;
    this.peakOpenCount = Math.max(this.peakOpenCount, this.openCount);
    return new MemoryFileHandle(this, file, path, mode !== 'read');
  }

  makeDirectory(path: string): void {
    this.enter('make folder', path);
    let at = '';
    for (const name of partsOf(path)) {
      at += `/${name}`;
      const place = this.#locate(at, 'make folder', true);
      const node = place?.node ?? null;
      if (place === null || (node !== null && node.kind !== 'directory')) {
        throw new FileSystemError('not-a-directory', 'make folder', path);
      }
      if (node !== null) continue;
      this.#assertWritable('make folder', path);
      assertName(place.name, 'make folder', path);
      this.#putEntry(place, { kind: 'directory', entries: new Map() });
    }
  }

  rename(from: string, to: string): void {
    this.enter('rename', from);
    const source = this.#locate(from, 'rename', false);
    const target = this.#locate(to, 'rename', false);
    if (source === null || source.node === null || target === null) {
      throw new FileSystemError('not-found', 'rename', from);
    }
    this.#assertWritable('rename', from);
    assertName(target.name, 'rename', from);
    if (target.node === source.node) return;
    if (target.node?.kind === 'directory') throw new FileSystemError('is-a-directory', 'rename', from);
    if (target.node?.kind === 'file') target.node.free();
    const { node } = source;
    const replaced = target.node;
    source.folder.entries.delete(source.name);
    target.folder.entries.set(target.name, node);
    this.#onChange(() => {
      setEntry(target, replaced);
      setEntry(source, node);
    });
  }

  remove(path: string): void {
    this.enter('remove', path);
    const place = this.#locate(path, 'remove', false);
    if (place === null || place.node === null) return;
    if (place.node.kind === 'directory') throw new FileSystemError('is-a-directory', 'remove', path);
    this.#assertWritable('remove', path);
    this.#putEntry(place, null);
    if (place.node.kind === 'file') place.node.free();
  }

  removeDirectory(path: string): void {
    this.enter('remove folder', path);
    const place = this.#locate(path, 'remove folder', false);
    if (place === null || place.node === null) return;
    if (place.node.kind !== 'directory') throw new FileSystemError('not-a-directory', 'remove folder', path);
    if (place.node.entries.size > 0) return;
    this.#assertWritable('remove folder', path);
    this.#putEntry(place, null);
  }

  symlink(target: string, path: string): void {
    this.enter('make link', path);
    const place = this.#locate(path, 'make link', false);
    if (place === null) throw new FileSystemError('not-found', 'make link', path);
    if (place.node?.kind === 'link' && place.node.target === target) return;
    if (place.node !== null) throw new FileSystemError('foreign-data', 'make link', path);
    this.#assertWritable('make link', path);
    const link: MemoryLink = { kind: 'link', target };
    this.#putEntry(place, link);
  }

  setExecutable(path: string): void {
    this.enter('make executable', path);
    const node = this.#follow(path);
    if (node?.kind !== 'file') throw new FileSystemError('not-found', 'make executable', path);
    this.#assertWritable('make executable', path);
    node.isExecutable = true;
  }

  space(path: string): SpaceStatus {
    this.enter('look at the free space of', path);
    if (this.#follow(path) === null) {
      throw new FileSystemError('not-found', 'look at the free space of', path);
    }
    const freeBytes = this.capacityBytes - this.#pages * PAGE_LENGTH;
    return { freeBytes: Number.isFinite(freeBytes) ? Math.max(0, freeBytes) : UNLIMITED_BYTES };
  }

  // For tests and worlds

  /** What the file at `path` contains, or null; no call, so no fault. */
  peek(path: string): Uint8Array | null {
    const node = this.#follow(path);
    if (node?.kind !== 'file') return null;
    const bytes = new Uint8Array(node.length);
    node.read(0, bytes);
    return bytes;
  }

  /** True when the file at `path` may be executed. */
  isExecutable(path: string): boolean {
    const node = this.#follow(path);
    return node?.kind === 'file' && node.isExecutable;
  }

  /** Gives the file at `path` another time of modification; no call, so no fault. */
  setModifiedAt(path: string, modifiedAt: number): void {
    const node = this.#follow(path);
    if (node?.kind === 'file') node.modifiedAt = modifiedAt;
  }

  /** Absolute paths of all files and links, sorted. */
  list(): string[] {
    const paths: string[] = [];
    const walk = (folder: MemoryDirectory, base: string): void => {
      for (const [name, node] of folder.entries) {
        if (node.kind === 'directory') walk(node, `${base}/${name}`);
        else paths.push(`${base}/${name}`);
      }
    };
    walk(this.#root, '');
    return paths.sort();
  }

  // PageBudget

  takePage(): boolean {
    if ((this.#pages + 1) * PAGE_LENGTH > this.capacityBytes) return false;
    this.#pages++;
    return true;
  }

  givePages(count: number): void {
    this.#pages -= count;
  }

  // For handles

  /** Counts a call, and fails it when it is to fail. */
  enter(operation: string, path: string): void {
    this.callCount++;
    if (this.callCount >= this.#powerFailsAt) throw new PowerFailure(`${operation} ${path}`);
    const code = this.#failingCalls.get(this.callCount) ?? this.#failingPaths.get(path);
    if (code !== undefined) throw new FileSystemError(code, operation, path);
  }

  /** A file is about to be synced, and with it the changes of folders before. */
  onSync(path: string): void {
    const code = this.#failingSyncs.get(path);
    if (code !== undefined) throw new FileSystemError(code, 'sync', path);
    this.#unsyncedChanges.length = 0;
  }

  now(): number {
    return this.#now();
  }

  #assertWritable(operation: string, path: string): void {
    if (this.isReadOnly) throw new FileSystemError('read-only', operation, path);
  }

  #makeFile(place: Place): MemoryFile {
    assertName(place.name, 'open', place.path);
    const file = new MemoryFile(this, this.#canLosePower);
    file.modifiedAt = this.#now();
    this.#putEntry(place, file);
    return file;
  }

  /** Sets, or with null removes, what stands at `place`. */
  #putEntry(place: Place, node: MemoryNode | null): void {
    setEntry(place, node);
    this.#onChange(() => setEntry(place, place.node));
  }

  #onChange(undo: () => void): void {
    if (this.#canLosePower) this.#unsyncedChanges.push(undo);
  }

  #forEachFile(visit: (file: MemoryFile) => void): void {
    const walk = (folder: MemoryDirectory): void => {
      for (const node of folder.entries.values()) {
        if (node.kind === 'directory') walk(node);
        else if (node.kind === 'file') visit(node);
      }
    };
    walk(this.#root);
  }

  #follow(path: string): MemoryNode | null {
    return this.#locate(path, 'look at', true)?.node ?? null;
  }

  #leadsThroughFile(path: string): boolean {
    let at = '';
    for (const name of partsOf(path).slice(0, -1)) {
      at += `/${name}`;
      if (this.#follow(at)?.kind === 'file') return true;
    }
    return false;
  }

  /**
   * Where `path` leads; null when a folder on the way is missing. A last part that is a link is followed if
   * asked.
   */
  #locate(path: string, operation: string, followLast: boolean): Place | null {
    let parts = partsOf(path);
    let links = 0;
    let chain: { readonly folder: MemoryDirectory; readonly name: string }[] = [];
    for (let i = 0; i < parts.length; i++) {
      const name = parts[i]!;
      if (name === '..') {
        chain.pop();
        continue;
      }
      const folder = chain.length === 0 ? this.#root : directoryOf(chain[chain.length - 1]!);
      if (folder === null) return null;
      const node = folder.entries.get(name);
      const isLast = i === parts.length - 1;
      if (node?.kind === 'link' && (!isLast || followLast)) {
        if (++links > MAX_LINKS) throw new FileSystemError('access-denied', operation, path);
        if (node.target.startsWith('/')) chain = [];
        parts = [...partsOf(node.target), ...parts.slice(i + 1)];
        i = -1;
        continue;
      }
      if (node === undefined && name.length > MAX_NAME_LENGTH) {
        throw new FileSystemError('name-too-long', operation, path);
      }
      chain.push({ folder, name });
    }
    const last = chain[chain.length - 1];
    if (last === undefined) return { folder: this.#root, name: '', path: '/', node: this.#root };
    const realPath = `/${chain.map((step) => step.name).join('/')}`;
    return { ...last, path: realPath, node: last.folder.entries.get(last.name) ?? null };
  }
}

class MemoryFileHandle implements FileHandle {
  readonly #fileSystem: MemoryFileSystem;
  readonly #file: MemoryFile;
  readonly #path: string;
  readonly #isWritable: boolean;
  readonly #generation: number;
  #isOpen = true;

  constructor(fileSystem: MemoryFileSystem, file: MemoryFile, path: string, isWritable: boolean) {
    this.#fileSystem = fileSystem;
    this.#file = file;
    this.#path = path;
    this.#isWritable = isWritable;
    this.#generation = fileSystem.generation;
  }

  read(position: number, targets: readonly Uint8Array[]): number {
    this.#enter('read');
    this.#fileSystem.readCount++;
    let done = 0;
    for (const target of targets) {
      const count = this.#file.read(position + done, target);
      done += count;
      if (count < target.length) break;
    }
    return done;
  }

  write(position: number, sources: readonly Uint8Array[]): void {
    this.#enterToWrite('write');
    this.#file.modifiedAt = this.#fileSystem.now();
    let done = 0;
    for (const source of sources) {
      if (!this.#file.write(position + done, source)) {
        throw new FileSystemError('disk-full', 'write', this.#path);
      }
      done += source.length;
    }
  }

  truncate(length: number): void {
    this.#enterToWrite('set the length of');
    this.#file.modifiedAt = this.#fileSystem.now();
    this.#file.truncate(length);
  }

  sync(): void {
    this.#enter('sync');
    this.#fileSystem.onSync(this.#path);
    this.#file.sync();
  }

  close(): void {
    const isOfThisProcess = this.#generation === this.#fileSystem.generation;
    if (this.#isOpen && isOfThisProcess) this.#fileSystem.openCount--;
    // The descriptor is gone even when closing it fails, as on real systems.
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (!wasOpen) throw new FileSystemError('other', 'close', this.#path);
    this.#fileSystem.enter('close', this.#path);
  }

  #enter(operation: string): void {
    if (!this.#isOpen || this.#generation !== this.#fileSystem.generation) {
      throw new FileSystemError('other', operation, this.#path);
    }
    this.#fileSystem.enter(operation, this.#path);
  }

  #enterToWrite(operation: string): void {
    this.#enter(operation);
    if (!this.#isWritable) throw new FileSystemError('other', operation, this.#path);
    if (this.#fileSystem.isReadOnly) throw new FileSystemError('read-only', operation, this.#path);
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function setEntry(place: Place, node: MemoryNode | null): void {
  if (node === null) place.folder.entries.delete(place.name);
  else place.folder.entries.set(place.name, node);
}

function directoryOf(step: {
  readonly folder: MemoryDirectory;
  readonly name: string;
}): MemoryDirectory | null {
  const node = step.folder.entries.get(step.name);
  return node?.kind === 'directory' ? node : null;
}

function assertName(name: string, operation: string, path: string): void {
  if (name.length > MAX_NAME_LENGTH) throw new FileSystemError('name-too-long', operation, path);
}
