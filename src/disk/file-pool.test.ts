import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSystemError } from '../ports/file-system.ts';
import { MemoryFileSystem } from '../sim/memory-file-system.ts';
import { FilePool, type OpenFiles } from './file-pool.ts';

/** A pool over files `0` to `9`, and what one storage has open in it. */
function makePool(limit: number): { pool: FilePool; fileSystem: MemoryFileSystem; owner: OpenFiles } {
  const fileSystem = new MemoryFileSystem();
  return { pool: new FilePool(fileSystem, limit), fileSystem, owner: new Map() };
}

function openAll(pool: FilePool, owner: OpenFiles, files: readonly number[]): void {
  for (const file of files) pool.find(owner, file, true) ?? pool.open(owner, file, `/${file}`, 'create');
}

test('the least recently used file is closed first', () => {
  const { pool, owner, fileSystem } = makePool(3);
  openAll(pool, owner, [1, 2, 3, 1, 4]);
  assert.deepEqual([...owner.keys()].sort(), [1, 3, 4]);
  openAll(pool, owner, [3, 5]);
  assert.deepEqual([...owner.keys()].sort(), [3, 4, 5]);
  assert.equal(fileSystem.openCount, 3);
  assert.equal(fileSystem.peakOpenCount, 3);
});

test('a file that is open for reading is opened again to be written', () => {
  const { pool, owner, fileSystem } = makePool(3);
  openAll(pool, owner, [1]);
  pool.open(owner, 1, '/1', 'read');
  assert.equal(pool.find(owner, 1, true), null);
  assert.notEqual(pool.find(owner, 1, false), null);
  pool.open(owner, 1, '/1', 'write').write(0, [Uint8Array.of(1)]);
  assert.equal(fileSystem.openCount, 1);
});

test('when the system has no more descriptors the pool shrinks to half and stays small', () => {
  const { pool, owner, fileSystem } = makePool(10);
  openAll(pool, owner, [1, 2, 3, 4]);
  fileSystem.maxOpenFiles = 4;
  openAll(pool, owner, [5]);
  assert.deepEqual([...owner.keys()].sort(), [4, 5]);
  fileSystem.maxOpenFiles = 100;
  openAll(pool, owner, [6, 7]);
  assert.deepEqual([...owner.keys()].sort(), [6, 7]);
});

test('with nothing of its own to close the failure is told', () => {
  const { pool, owner, fileSystem } = makePool(10);
  fileSystem.maxOpenFiles = 0;
  assert.throws(
    () => pool.open(owner, 1, '/1', 'create'),
    (error) => error instanceof FileSystemError && error.code === 'too-many-open-files',
  );
  assert.equal(pool.size, 0);
});

test('closing all closes all even when one fails, and leaves other storages alone', () => {
  const { pool, owner, fileSystem } = makePool(10);
  const other: OpenFiles = new Map();
  openAll(pool, owner, [1, 2, 3]);
  openAll(pool, other, [4]);
  fileSystem.failPath('/1', 'io-error');
  assert.throws(() => pool.closeAll(owner), FileSystemError);
  assert.equal(owner.size, 0);
  assert.equal(fileSystem.openCount, 1);
  assert.notEqual(pool.find(other, 4, true), null);
});
