import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { refuseUnwritable, writeNewFile } from './new-file.ts';

describe('a new file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spate-new-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is written whole, and nothing else stays', () => {
    const path = join(folder, 'a');
    refuseUnwritable(path);
    writeNewFile(path, Buffer.alloc(3_000_000, 7));
    assert.deepEqual(readdirSync(folder), ['a']);
    assert.ok(readFileSync(path).equals(Buffer.alloc(3_000_000, 7)));
  });

  it('never replaces anything, whenever that came', () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'mine');
    assert.throws(() => refuseUnwritable(path), { name: 'InputError', message: /a exists already/ });
    assert.throws(() => writeNewFile(path, Buffer.from('x')), {
      name: 'InputError',
      message: /exists already/,
    });
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    symlinkSync('nowhere', join(folder, 'link'));
    assert.throws(() => refuseUnwritable(join(folder, 'link')), /exists already/);
    assert.throws(() => writeNewFile(join(folder, 'link'), Buffer.from('x')), /exists already/);
    assert.deepEqual(readdirSync(folder).sort(), ['a', 'link']);
  });

  it('needs a folder', () => {
    mkdirSync(join(folder, 'd'));
    assert.throws(() => refuseUnwritable(join(folder, 'nope', 'a')), /there is no folder .*nope to write to/);
    writeFileSync(join(folder, 'file'), '');
    assert.throws(() => refuseUnwritable(join(folder, 'file', 'a')), /there is no folder/);
    assert.throws(() => writeNewFile(join(folder, 'nope', 'a'), Buffer.from('x')), { name: 'ClientError' });
  });
});
