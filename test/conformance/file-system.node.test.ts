/** Runs the file system's conformance suite against the real one, and what only a real one can say no to. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeFileSystem } from '../../src/node/file-system.ts';
import { fileSystemError } from '../../src/node/file-system-errors.ts';
import { FileSystemError } from '../../src/ports/file-system.ts';
import { fileSystemConformance } from './file-system.ts';

fileSystemConformance('real', async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'spate-files-')));
  return {
    fileSystem: new NodeFileSystem(),
    directory,
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

test('codes of the system are told apart', () => {
  const codes = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'EFBIG', 'ENOENT', 'EXDEV'].map(
    (code) => {
      const failure = fileSystemError(
        Object.assign(new Error(code), { code, syscall: 'write' }),
        'write',
        '/f',
      );
      assert.ok(failure instanceof FileSystemError);
      return [failure.code, failure.path];
    },
  );
  assert.deepEqual(codes, [
    ['disk-full', '/f'],
    ['disk-full', '/f'],
    ['io-error', '/f'],
    ['read-only', '/f'],
    ['access-denied', '/f'],
    ['too-many-open-files', '/f'],
    ['file-too-large', '/f'],
    ['not-found', '/f'],
    ['other', '/f (EXDEV)'],
  ]);
});

test('what is no error of the system passes through', () => {
  const bug = new TypeError('bug');
  assert.equal(fileSystemError(bug, 'write', '/f'), bug);
});

test('a device that is always full says so', () => {
  const handle = new NodeFileSystem().open('/dev/full', 'write');
  assert.throws(
    () => handle.write(0, [Uint8Array.of(1), Uint8Array.of(2)]),
    (error) => error instanceof FileSystemError && error.code === 'disk-full' && error.path === '/dev/full',
  );
  handle.close();
});
