import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_PIECES } from './metainfo-limits.ts';
import { autoPieceLength, isCreatablePieceLength } from './piece-length.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

test('the piece length makes 1000 to 2000 pieces, within 16 KiB and 16 MiB', () => {
  const cases: readonly [length: number, pieceLength: number][] = [
    [1, 16 * KIB],
    [2000 * 16 * KIB, 16 * KIB],
    [2000 * 16 * KIB + 1, 32 * KIB],
    [700e6, 512 * KIB],
    [4.7e9, 4 * MIB],
    [2000 * 16 * MIB, 16 * MIB],
    [5e12, 16 * MIB],
  ];
  for (const [length, expected] of cases) assert.equal(autoPieceLength(length), expected, `${length}`);
  for (let length = 33e6; length < 33e9; length *= 1.37) {
    const count = Math.ceil(length / autoPieceLength(length));
    assert.ok(count > 1000 && count <= 2001, `${count} pieces for ${length}`);
  }
});

test('no length makes more pieces than can be read, up to the longest piece', () => {
  for (let length = 1e12; length < 250e12; length *= 1.5) {
    assert.ok(length / autoPieceLength(length) <= MAX_PIECES);
  }
});

test('a torrent has powers of two from 16 KiB to 256 MiB', () => {
  for (const good of [16_384, 65_536, 2 ** 28]) assert.ok(isCreatablePieceLength(good));
  for (const bad of [0, -1, 8192, 16_385, 49_152, 2 ** 29, 1e6, Number.NaN, Infinity]) {
    assert.ok(!isCreatablePieceLength(bad), `${bad}`);
  }
});
