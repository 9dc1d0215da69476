import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BugError } from '../../base/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import { type ExtentVisitor, FileLayout } from './file-layout.ts';

/** Draws extents as `file@offset+length`, and checks that they follow each other in the range. */
class Drawing implements ExtentVisitor {
  readonly parts: string[] = [];
  length = 0;

  onExtent(file: number, fileOffset: number, length: number, rangeOffset: number): void {
    assert.equal(rangeOffset, this.length);
    this.parts.push(`${file}@${fileOffset}+${length}`);
    this.length += length;
  }
}

function extents(layout: FileLayout, piece: number, begin: number, length: number): string {
  const drawing = new Drawing();
  layout.forEachExtent(piece, begin, length, drawing);
  return drawing.parts.join(' ');
}

describe('FileLayout', () => {
  // files   0000000 . 22 . 4444444444    (1 and 3 are empty)
  // pieces  0000 1111 2222 3333 444
  const layout = new FileLayout([7, 0, 2, 0, 10], 4);

  it('cuts the files into pieces of which the last is short', () => {
    assert.equal(layout.totalLength, 19);
    assert.equal(layout.pieceCount, 5);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((piece) => layout.lengthOfPiece(piece)),
      [4, 4, 4, 4, 3],
    );
  });

  it('maps a piece to its extents and passes over empty files', () => {
    assert.equal(extents(layout, 0, 0, 4), '0@0+4');
    assert.equal(extents(layout, 1, 0, 4), '0@4+3 2@0+1');
    assert.equal(extents(layout, 2, 0, 4), '2@1+1 4@0+3');
    assert.equal(extents(layout, 2, 1, 2), '4@0+2');
    assert.equal(extents(layout, 4, 2, 1), '4@9+1');
    assert.equal(extents(layout, 3, 2, 0), '');
  });

  it('maps a file to its pieces', () => {
    const ranges = [0, 1, 2, 3, 4].map((file) => [layout.firstPieceOf(file), layout.endPieceOf(file)]);
    assert.deepEqual(ranges, [
      [0, 2],
      [1, 1],
      [1, 3],
      [2, 2],
      [2, 5],
    ]);
  });

  it('maps a piece to its range of files', () => {
    assert.deepEqual([layout.firstFileOf(1), layout.endFileOf(1)], [0, 3]);
    assert.deepEqual([layout.firstFileOf(3), layout.endFileOf(3)], [4, 5]);
  });

  it('finds the file of a byte, never an empty one', () => {
    const files = Array.from({ length: 19 }, (_, offset) => layout.fileAt(offset)).join('');
    assert.equal(files, '0000000224444444444');
  });

  it('walks a range of several pieces', () => {
    const drawing = new Drawing();
    layout.forEachExtentAt(5, 14, drawing);
    assert.equal(drawing.parts.join(' '), '0@5+2 2@0+2 4@0+10');
  });

  it('refuses what lies outside', () => {
    assert.throws(() => layout.fileAt(19), BugError);
    assert.throws(() => layout.fileAt(-1), BugError);
    assert.throws(() => layout.fileAt(Number.NaN), BugError);
    assert.throws(() => extents(layout, 5, 0, 1), BugError);
    assert.throws(() => extents(layout, 0, 3, 2), BugError);
    assert.throws(() => new FileLayout([-1], 4), BugError);
    assert.throws(() => new FileLayout([Number.MAX_SAFE_INTEGER, 1], 4), BugError);
    assert.throws(() => new FileLayout([1], 0), BugError);
  });

  it('counts the blocks of a piece', () => {
    const blocks = new FileLayout([40_000 + 16_385], 40_000);
    assert.deepEqual([blocks.blockCount(0), blocks.blockCount(1)], [3, 2]);
    assert.deepEqual(
      [0, 1, 2].map((block) => blocks.lengthOfBlock(0, block)),
      [16_384, 16_384, 7_232],
    );
    assert.deepEqual([blocks.lengthOfBlock(1, 0), blocks.lengthOfBlock(1, 1)], [16_384, 1]);
  });

  it('is exact beyond 4 GiB and beyond 2^40', () => {
    const big = new FileLayout([5 * 2 ** 30 + 1, 2 ** 42], 2 ** 20);
    assert.equal(extents(big, 5120, 0, 2 ** 20), `0@${5 * 2 ** 30}+1 1@0+${2 ** 20 - 1}`);
    const last = big.pieceCount - 1;
    assert.equal(big.lengthOfPiece(last), 1);
    assert.equal(extents(big, last, 0, 1), `1@${2 ** 42 - 1}+1`);
  });

  it('has no pieces when all files are empty', () => {
    const empty = new FileLayout([0, 0], 16_384);
    assert.deepEqual([empty.pieceCount, empty.totalLength, empty.endPieceOf(1)], [0, 0, 0]);
  });

  it('agrees with a byte-by-byte model', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 300; round++) {
      const lengths = Array.from({ length: 1 + random.below(8) }, () => random.below(3) * random.below(9));
      const some = new FileLayout(lengths, 1 + random.below(9));
      const bytes = lengths.flatMap((length, file) => Array.from({ length }, (_, at) => `${file}:${at}`));
      for (let piece = 0; piece < some.pieceCount; piece++) {
        const seen: string[] = [];
        some.forEachExtent(piece, 0, some.lengthOfPiece(piece), {
          onExtent(file, fileOffset, length) {
            for (let i = 0; i < length; i++) seen.push(`${file}:${fileOffset + i}`);
          },
        });
        assert.deepEqual(seen, bytes.slice(piece * some.pieceLength, (piece + 1) * some.pieceLength));
        const files = new Set(seen.map((byte) => Number(byte.split(':')[0])));
        for (const file of files) {
          assert.ok(piece >= some.firstPieceOf(file) && piece < some.endPieceOf(file));
          assert.ok(file >= some.firstFileOf(piece) && file < some.endFileOf(piece));
        }
      }
    }
  });
});
