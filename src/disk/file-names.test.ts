import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StorageSpec } from '../ports/disk.ts';
import { FileNames, parentOf } from './file-names.ts';

function names(paths: readonly string[], directory = '/d', partsPath = '.parts'): FileNames {
  const files = paths.map((path) => ({
    path,
    length: 1,
    isPadding: false,
    isWanted: true,
    isExecutable: false,
    symlinkTarget: null,
  }));
  const spec: StorageSpec = {
    directory,
    files,
    pieceLength: 1,
    pieceHashes: new Uint8Array(0),
    partsPath,
    partsDirectory: null,
    overwrite: false,
  };
  return new FileNames(spec);
}

test('an incomplete file carries the suffix .part', () => {
  const one = names(['top/a']);
  assert.equal(one.final(0), '/d/top/a');
  assert.equal(one.incomplete(0), '/d/top/a.part');
  assert.equal(one.parts, '/d/.parts');
});

test('no incomplete name is the name of another file, whatever its case', () => {
  const paths = ['a', 'A.PART', 'b', 'b.part.part'];
  const one = names(paths);
  const final = paths.map((_, file) => one.final(file).toLowerCase());
  for (let file = 0; file < paths.length; file++) {
    assert.ok(!final.includes(one.incomplete(file).toLowerCase()), one.incomplete(file));
  }
});

test('the parts file is no file of the torrent', () => {
  assert.equal(names(['.parts', '.PARTS.parts']).parts, '/d/.parts.parts.parts');
});

test('slashes at the end of the directory do not matter, and the root is a directory', () => {
  assert.equal(names(['a'], '/d//').final(0), '/d/a');
  assert.equal(names(['a'], '/d//').directory, '/d');
  assert.equal(names(['a'], '/').final(0), '/a');
  assert.equal(names(['a'], '/').directory, '/');
  assert.equal(parentOf('/a'), '/');
  assert.equal(parentOf('/a/b/c'), '/a/b');
});
