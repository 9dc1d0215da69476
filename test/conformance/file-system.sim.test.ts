/** Runs the file system's conformance suite against the one in memory, and its faults. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../src/base/random.ts';
import { type FileHandle, FileSystemError } from '../../src/ports/file-system.ts';
import { MemoryFileSystem, PowerFailure } from '../../src/sim/memory-file-system.ts';
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

/** A device on which `bytes` were synced to `/d/f`, in a folder that was synced with them. */
function deviceWith(bytes: Uint8Array): { fileSystem: MemoryFileSystem; handle: FileHandle } {
  let now = 0;
  const fileSystem = new MemoryFileSystem({ now: () => ++now, canLosePower: true });
  fileSystem.makeDirectory('/d');
  const handle = fileSystem.open('/d/f', 'create');
  handle.write(0, [bytes]);
  handle.sync();
  return { fileSystem, handle };
}

test('a power failure leaves what was synced, and of the rest any part', () => {
  const before = new Uint8Array(40_000).fill(1);
  const pictures = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const { fileSystem, handle } = deviceWith(before);
    const synced = fileSystem.status('/d/f')!.modifiedAt;
    handle.write(20_000, [new Uint8Array(30_000).fill(2)]);
    const written = fileSystem.status('/d/f')!.modifiedAt;
    fileSystem.dropUnsynced(new SeededRandom(seed));
    const bytes = fileSystem.peek('/d/f')!;
    assert.ok(bytes.length === 40_000 || bytes.length === 50_000);
    assert.ok(
      bytes.subarray(0, 20_000).every((byte) => byte === 1),
      'what was not touched stays',
    );
    assert.ok(bytes.subarray(20_000).every((byte) => byte <= 2));
    const { modifiedAt } = fileSystem.status('/d/f')!;
    assert.ok(modifiedAt === synced || modifiedAt === written);
    pictures.add(`${bytes.length} ${modifiedAt} ${bytes[20_000]} ${bytes[39_000]} ${bytes[45_000]}`);
    assert.equal(
      codeOf(() => handle.sync()),
      'other',
      'handles do not outlive it',
    );
    assert.equal(fileSystem.openCount, 0);
  }
  assert.ok(pictures.size > 12, `${pictures.size} outcomes`);
});

test('after a power failure folders are as they were at some moment since the last sync', () => {
  const listings = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const { fileSystem, handle } = deviceWith(Uint8Array.of(1, 2, 3));
    handle.close();
    fileSystem.open('/d/g', 'create').close();
    fileSystem.rename('/d/f', '/d/h');
    fileSystem.remove('/d/g');
    fileSystem.dropUnsynced(new SeededRandom(seed));
    listings.add(fileSystem.list().join(' '));
    assert.deepEqual(fileSystem.peek('/d/f') ?? fileSystem.peek('/d/h'), Uint8Array.of(1, 2, 3));
  }
  assert.deepEqual([...listings].sort(), ['/d/f', '/d/f /d/g', '/d/g /d/h', '/d/h']);
});

test('a file that was replaced comes back when the power fails before the next sync', () => {
  const contents = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const { fileSystem, handle } = deviceWith(Uint8Array.of(1));
    handle.close();
    const other = fileSystem.open('/d/g', 'create');
    other.write(0, [Uint8Array.of(2)]);
    other.sync();
    fileSystem.rename('/d/g', '/d/f');
    fileSystem.dropUnsynced(new SeededRandom(seed));
    contents.add(`${fileSystem.list()} ${fileSystem.peek('/d/f')}`);
    assert.equal(fileSystem.space('/').freeBytes, 2 ** 50);
  }
  assert.deepEqual([...contents].sort(), ['/d/f 2', '/d/f,/d/g 1']);
});

test('when the power has failed every call throws that', () => {
  const { fileSystem, handle } = deviceWith(Uint8Array.of(1));
  fileSystem.failPowerAt(fileSystem.callCount + 2);
  assert.notEqual(fileSystem.status('/d/f'), null);
  assert.throws(() => handle.write(0, [Uint8Array.of(2)]), PowerFailure);
  assert.throws(() => fileSystem.status('/d/f'), PowerFailure);
  fileSystem.dropHandles();
  assert.deepEqual(fileSystem.peek('/d/f'), Uint8Array.of(1));
});
