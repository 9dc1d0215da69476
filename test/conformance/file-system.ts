/**
 * Owns the conformance suite of the `FileSystem` port, run against the real file system and the one in
 * memory.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FailureCode } from '../../src/ports/failure.ts';
import { type FileSystem, FileSystemError } from '../../src/ports/file-system.ts';

/** A file system and an empty directory in it. */
export interface FileSystemWorld {
  readonly fileSystem: FileSystem;
  /** Absolute, with all links followed. */
  readonly directory: string;
  dispose(): Promise<void>;
}

type Check = (title: string, body: (fileSystem: FileSystem, directory: string) => void) => void;

/** Runs the suite; `make` makes a fresh world for each test. */
export function fileSystemConformance(name: string, make: () => Promise<FileSystemWorld>): void {
  const check: Check = (title, body) => {
    test(title, async () => {
      const world = await make();
      try {
        body(world.fileSystem, world.directory);
      } finally {
        await world.dispose();
      }
    });
  };
  describe(`the ${name} file system`, () => {
    data(check);
    lengths(check);
    opening(check);
    naming(check);
    folders(check);
    links(check);
  });
}

function failsWith(code: FailureCode, operation: string, call: () => unknown): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof FileSystemError, String(error));
    assert.deepEqual([error.code, error.operation], [code, operation]);
    return true;
  });
}

function plant(fileSystem: FileSystem, path: string, bytes: readonly number[]): void {
  const handle = fileSystem.open(path, 'create');
  handle.write(0, [Uint8Array.from(bytes)]);
  handle.close();
}

function contents(fileSystem: FileSystem, path: string): number[] {
  const bytes = new Uint8Array(fileSystem.status(path)!.length);
  const handle = fileSystem.open(path, 'read');
  assert.equal(handle.read(0, [bytes]), bytes.length);
  handle.close();
  return [...bytes];
}

function data(check: Check): void {
  check('what is written from several pieces is read into several others', (fileSystem, directory) => {
    const handle = fileSystem.open(`${directory}/f`, 'create');
    handle.write(0, [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4), Uint8Array.of(5, 6)]);
    handle.write(2, [Uint8Array.of(9)]);
    const targets = [new Uint8Array(1), new Uint8Array(4), new Uint8Array(1)];
    assert.equal(handle.read(0, targets), 6);
    assert.deepEqual(
      targets.map((target) => [...target]),
      [[1], [2, 9, 4, 5], [6]],
    );
    handle.close();
  });

  check('a read is short at the end of the file, and empty behind it', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/f`, [1, 2, 3]);
    const handle = fileSystem.open(`${directory}/f`, 'read');
    const targets = [new Uint8Array(2), new Uint8Array(2)];
    assert.equal(handle.read(0, targets), 3);
    assert.deepEqual([...targets[0]!, targets[1]![0]], [1, 2, 3]);
    assert.equal(handle.read(3, [new Uint8Array(5)]), 0);
    assert.equal(handle.read(100, targets), 0);
    handle.close();
  });

  check('more pieces than one system call takes are all written and read', (fileSystem, directory) => {
    const handle = fileSystem.open(`${directory}/f`, 'create');
    const sources = Array.from({ length: 2500 }, (_, i) => Uint8Array.of(i, i >>> 8, 7));
    handle.write(5, sources);
    const targets = sources.map(() => new Uint8Array(3));
    assert.equal(handle.read(5, targets), 7500);
    assert.deepEqual(targets, sources);
    handle.close();
  });

  check('shared memory can be written from and read into', (fileSystem, directory) => {
    const shared = new SharedArrayBuffer(8);
    const [first, second] = [new Uint8Array(shared, 0, 4), new Uint8Array(shared, 4, 4)];
    first.set([1, 2, 3, 4]);
    second.set([5, 6, 7, 8]);
    const handle = fileSystem.open(`${directory}/f`, 'create');
    handle.write(0, [second, first]);
    handle.read(0, [first, second]);
    handle.close();
    assert.deepEqual([...new Uint8Array(shared)], [5, 6, 7, 8, 1, 2, 3, 4]);
  });

  check('what lies beyond 4 GiB is where it was put, and holes are zeros', (fileSystem, directory) => {
    const far = 5 * 2 ** 30 + 12345;
    const handle = fileSystem.open(`${directory}/f`, 'create');
    handle.write(far, [Uint8Array.of(1, 2, 3)]);
    const target = new Uint8Array(5);
    assert.equal(handle.read(far - 1, [target]), 4);
    assert.deepEqual([...target], [0, 1, 2, 3, 0]);
    handle.read(far - 2 ** 32, [target]);
    assert.deepEqual([...target], [0, 0, 0, 0, 0]);
    handle.sync();
    handle.close();
    const status = fileSystem.status(`${directory}/f`)!;
    assert.equal(status.length, far + 3);
    assert.ok(status.allocatedBytes < 2 ** 20, `${status.allocatedBytes} allocated`);
  });
}

function lengths(check: Check): void {
  check('truncate makes longer with zeros, and shorter for good', (fileSystem, directory) => {
    const handle = fileSystem.open(`${directory}/f`, 'create');
    handle.write(0, [Uint8Array.of(1, 2, 3, 4)]);
    handle.truncate(2);
    handle.truncate(6);
    handle.close();
    assert.deepEqual(contents(fileSystem, `${directory}/f`), [1, 2, 0, 0, 0, 0]);
  });

  check('status tells kind, length and what is allocated', (fileSystem, directory) => {
    const handle = fileSystem.open(`${directory}/f`, 'create');
    handle.truncate(2 ** 30);
    handle.close();
    const status = fileSystem.status(`${directory}/f`)!;
    assert.equal(status.kind, 'file');
    assert.equal(status.length, 2 ** 30);
    assert.ok(status.allocatedBytes < 2 ** 20);
    assert.equal(fileSystem.status(directory)!.kind, 'directory');
    assert.equal(fileSystem.status(`${directory}/missing`), null);
    assert.equal(fileSystem.status(`${directory}/f/below`), null);
  });

  check('space is a number of bytes', (fileSystem, directory) => {
    const { freeBytes } = fileSystem.space(directory);
    assert.ok(Number.isSafeInteger(freeBytes) && freeBytes > 0);
    failsWith('not-found', 'look at the free space of', () => fileSystem.space(`${directory}/missing`));
  });
}

function opening(check: Check): void {
  check('only create makes a file, and it keeps one that is there', (fileSystem, directory) => {
    failsWith('not-found', 'open', () => fileSystem.open(`${directory}/f`, 'read'));
    failsWith('not-found', 'open', () => fileSystem.open(`${directory}/f`, 'write'));
    failsWith('not-found', 'open', () => fileSystem.open(`${directory}/missing/f`, 'create'));
    plant(fileSystem, `${directory}/f`, [1, 2]);
    fileSystem.open(`${directory}/f`, 'create').close();
    assert.deepEqual(contents(fileSystem, `${directory}/f`), [1, 2]);
    failsWith('not-a-directory', 'open', () => fileSystem.open(`${directory}/f/g`, 'create'));
  });

  check('a folder cannot be opened', (fileSystem, directory) => {
    for (const mode of ['read', 'write', 'create'] as const) {
      failsWith('is-a-directory', 'open', () => fileSystem.open(directory, mode));
    }
  });

  check('a name of more than 255 bytes is too long', (fileSystem, directory) => {
    failsWith('name-too-long', 'open', () => fileSystem.open(`${directory}/${'n'.repeat(256)}`, 'create'));
    fileSystem.open(`${directory}/${'n'.repeat(255)}`, 'create').close();
  });

  check('an open file survives its new name and its removal', (fileSystem, directory) => {
    const handle = fileSystem.open(`${directory}/f`, 'create');
    fileSystem.rename(`${directory}/f`, `${directory}/g`);
    handle.write(0, [Uint8Array.of(1)]);
    assert.deepEqual(contents(fileSystem, `${directory}/g`), [1]);
    fileSystem.remove(`${directory}/g`);
    handle.write(1, [Uint8Array.of(2)]);
    const target = new Uint8Array(2);
    assert.equal(handle.read(0, [target]), 2);
    handle.close();
    assert.equal(fileSystem.status(`${directory}/g`), null);
  });
}

function naming(check: Check): void {
  check('rename replaces a file, and fails on a folder and on nothing', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/a`, [1]);
    plant(fileSystem, `${directory}/b`, [2]);
    fileSystem.rename(`${directory}/a`, `${directory}/b`);
    assert.equal(fileSystem.status(`${directory}/a`), null);
    assert.deepEqual(contents(fileSystem, `${directory}/b`), [1]);
    failsWith('not-found', 'rename', () => fileSystem.rename(`${directory}/a`, `${directory}/c`));
    failsWith('not-found', 'rename', () => fileSystem.rename(`${directory}/b`, `${directory}/no/c`));
    fileSystem.makeDirectory(`${directory}/d`);
    failsWith('is-a-directory', 'rename', () => fileSystem.rename(`${directory}/b`, `${directory}/d`));
  });

  check('remove is harmless when nothing is there, and leaves folders alone', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/a`, [1]);
    fileSystem.remove(`${directory}/a`);
    fileSystem.remove(`${directory}/a`);
    assert.equal(fileSystem.status(`${directory}/a`), null);
    assert.throws(() => fileSystem.remove(directory), FileSystemError);
    assert.notEqual(fileSystem.status(directory), null);
  });

  check('a file can be made executable', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/a`, [1]);
    fileSystem.setExecutable(`${directory}/a`);
    failsWith('not-found', 'make executable', () => fileSystem.setExecutable(`${directory}/b`));
  });
}

function folders(check: Check): void {
  check('makeDirectory makes parents, and is harmless when all are there', (fileSystem, directory) => {
    fileSystem.makeDirectory(`${directory}/a/b/c`);
    fileSystem.makeDirectory(`${directory}/a/b/c`);
    assert.equal(fileSystem.status(`${directory}/a/b/c`)!.kind, 'directory');
  });

  check('a file in place of a folder is told', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/a`, [1]);
    failsWith('not-a-directory', 'make folder', () => fileSystem.makeDirectory(`${directory}/a`));
    failsWith('not-a-directory', 'make folder', () => fileSystem.makeDirectory(`${directory}/a/b`));
  });

  check('only empty folders are removed', (fileSystem, directory) => {
    fileSystem.makeDirectory(`${directory}/a/b`);
    fileSystem.removeDirectory(`${directory}/a`);
    assert.notEqual(fileSystem.status(`${directory}/a/b`), null);
    fileSystem.removeDirectory(`${directory}/a/b`);
    fileSystem.removeDirectory(`${directory}/a`);
    fileSystem.removeDirectory(`${directory}/a`);
    assert.equal(fileSystem.status(`${directory}/a`), null);
  });
}

function links(check: Check): void {
  check('a link leads to its target for status, open and realPath', (fileSystem, directory) => {
    fileSystem.makeDirectory(`${directory}/real`);
    plant(fileSystem, `${directory}/real/f`, [5]);
    fileSystem.symlink('real', `${directory}/link`);
    fileSystem.symlink('../link/f', `${directory}/real/back`);
    assert.equal(fileSystem.status(`${directory}/link`)!.kind, 'directory');
    assert.deepEqual(contents(fileSystem, `${directory}/link/back`), [5]);
    assert.equal(fileSystem.realPath(`${directory}/link/back`), `${directory}/real/f`);
    assert.equal(fileSystem.realPath(`${directory}/missing`), null);
  });

  check('a link that leads nowhere is as nothing, and is not created through', (fileSystem, directory) => {
    fileSystem.symlink('nowhere', `${directory}/link`);
    assert.equal(fileSystem.status(`${directory}/link`), null);
    assert.equal(fileSystem.realPath(`${directory}/link`), null);
    failsWith('access-denied', 'open', () => fileSystem.open(`${directory}/link`, 'create'));
    assert.equal(fileSystem.status(`${directory}/nowhere`), null);
  });

  check('the same link twice is harmless, anything else is foreign', (fileSystem, directory) => {
    fileSystem.symlink('one', `${directory}/link`);
    fileSystem.symlink('one', `${directory}/link`);
    failsWith('foreign-data', 'make link', () => fileSystem.symlink('two', `${directory}/link`));
    plant(fileSystem, `${directory}/f`, [1]);
    failsWith('foreign-data', 'make link', () => fileSystem.symlink('one', `${directory}/f`));
  });

  check('removing a link leaves its target', (fileSystem, directory) => {
    plant(fileSystem, `${directory}/f`, [1]);
    fileSystem.symlink('f', `${directory}/link`);
    fileSystem.remove(`${directory}/link`);
    assert.deepEqual(contents(fileSystem, `${directory}/f`), [1]);
  });

  check('links in a circle are refused', (fileSystem, directory) => {
    fileSystem.symlink('b', `${directory}/a`);
    fileSystem.symlink('a', `${directory}/b`);
    failsWith('access-denied', 'look at', () => fileSystem.status(`${directory}/a`));
    failsWith('access-denied', 'open', () => fileSystem.open(`${directory}/a`, 'read'));
  });
}
