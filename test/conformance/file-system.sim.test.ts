/** Runs the file system's conformance suite against the one in memory, and its faults. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSystemError } from '../../src/ports/file-system.ts';
import { MemoryFileSystem } from '../../src/sim/memory-file-system.ts';
import { fileSystemConformance } from './file-system.ts';

fileSystemConformance('memory', async () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.makeDirectory('/d');
  return { fileSystem, directory: '/d', dispose: async () => assert.equal(fileSystem.openCount, 0) };
});

function codeOf(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    assert.ok(error instanceof FileSystemError);
    return error.code;
  }
}

test('the n-th call fails, and only it', () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.failCall(2, 'io-error');
  assert.deepEqual(
    [1, 2, 3].map(() => codeOf(() => fileSystem.makeDirectory('/d'))),
    ['none', 'io-error', 'none'],
  );
});

test('a path fails until it is healed', () => {
  const fileSystem = new MemoryFileSystem();
  fileSystem.failPath('/f', 'io-error');
  assert.equal(
    codeOf(() => fileSystem.open('/f', 'create')),
    'io-error',
  );
  fileSystem.failPath('/f', null);
  const handle = fileSystem.open('/f', 'create');
  fileSystem.failPath('/f', 'io-error');
  assert.equal(
    codeOf(() => handle.read(0, [new Uint8Array(1)])),
    'io-error',
  );
});

test('a full device keeps what fitted, and has room again when files go', () => {
  const fileSystem = new MemoryFileSystem({ capacityBytes: 3 * 16384 });
  const handle = fileSystem.open('/f', 'create');
  assert.equal(
    codeOf(() => handle.write(0, [new Uint8Array(4 * 16384).fill(1)])),
    'disk-full',
  );
  assert.equal(fileSystem.status('/f')!.length, 3 * 16384);
  assert.equal(fileSystem.space('/').freeBytes, 0);
  handle.truncate(16384);
  assert.equal(fileSystem.space('/').freeBytes, 2 * 16384);
  handle.close();
  fileSystem.remove('/f');
  assert.equal(fileSystem.space('/').freeBytes, 3 * 16384);
});

test('too many open files, and a read-only device', () => {
  const fileSystem = new MemoryFileSystem({ maxOpenFiles: 1 });
  const handle = fileSystem.open('/f', 'create');
  assert.equal(
    codeOf(() => fileSystem.open('/f', 'read')),
    'too-many-open-files',
  );
  fileSystem.isReadOnly = true;
  assert.equal(
    codeOf(() => handle.write(0, [Uint8Array.of(1)])),
    'read-only',
  );
  handle.close();
  assert.equal(
    codeOf(() => fileSystem.open('/f', 'write')),
    'read-only',
  );
  fileSystem.open('/f', 'read').close();
});
