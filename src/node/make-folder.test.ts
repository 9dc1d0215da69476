import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from './make-folder.ts';

test('a folder is made with its parents, and making it again is harmless', () => {
  const root = mkdtempSync(join(tmpdir(), 'spate-test-'));
  try {
    const path = join(root, 'a', 'b', 'c');
    makeFolder(path);
    makeFolder(path);
    assert.equal(statSync(path).isDirectory(), true);
    writeFileSync(join(root, 'file'), '');
    assert.throws(() => makeFolder(join(root, 'file')), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(root, 'file', 'below')), { code: 'ENOTDIR' });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('where an existing folder refuses children, the call fails and returns', (t) => {
  if (process.platform !== 'linux') {
    t.skip('only Linux has /proc');
    return;
  }
  assert.throws(() => makeFolder('/proc/no-such-process/below'), { code: 'ENOENT' });
});
