import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOptions, parsePieceLength } from './create-options.ts';

test('piece lengths are powers of two, with whatever unit people write', () => {
  const cases: readonly [string, number | 'auto'][] = [
    ['auto', 'auto'],
    ['262144', 262_144],
    ['256k', 262_144],
    ['256KiB', 262_144],
    ['256 Ki', 262_144],
    ['1M', 1 << 20],
    ['16MB', 1 << 24],
  ];
  for (const [text, expected] of cases) assert.equal(parsePieceLength(text), expected, text);
  for (const bad of ['', '0', '8k', '300k', '1.5M', '512M', '-1', '1G', 'k', '1e6', '0x4000', 'AUTO']) {
    assert.throws(() => parsePieceLength(bad), /--piece-length is '.*', not auto or a power of two/, bad);
  }
});

test('one format at most, v1 without any', () => {
  assert.equal(createOptions('a', { date: true }).format, 'v1');
  assert.equal(createOptions('a', { date: true, hybrid: true }).format, 'hybrid');
  assert.throws(
    () => createOptions('a', { date: true, v1: true, v2: true }),
    /--v1 and --v2 exclude each other/,
  );
});

test('nothing is not a path, nor a name for the output', () => {
  assert.throws(() => createOptions('', { date: true }), /the path is empty/);
  assert.throws(() => createOptions('a', { date: true, out: '' }), /--out is empty/);
});
