import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PieceIndex } from '../base/numbers.ts';
import { SmartBan } from './smart-ban.ts';

const PIECE = 3 as PieceIndex;

/** Digests of blocks drawn as letters: one letter a block. */
function digests(drawing: string): Uint8Array {
  const bytes = new Uint8Array(drawing.length * 20);
  for (let block = 0; block < drawing.length; block++) {
    bytes.fill(drawing.charCodeAt(block), block * 20, block * 20 + 20);
  }
  return bytes;
}

function world(): { ban: SmartBan; asked: PieceIndex[]; blamed: number[] } {
  const asked: PieceIndex[] = [];
  const blamed: number[] = [];
  const ban = new SmartBan({
    requestDigests: (piece) => asked.push(piece),
    blame: (contributor) => blamed.push(contributor),
  });
  return { ban, asked, blamed };
}

test('a piece that came from one contributor needs no second copy to know who lied', () => {
  const { ban, asked, blamed } = world();
  ban.onFailed(PIECE, Int32Array.of(5, 5, -1, 5));
  assert.deepEqual(blamed, [5]);
  assert.deepEqual(asked, []);
});

test('of several contributors only the sender of the differing block is blamed', () => {
  const { ban, asked, blamed } = world();
  ban.onFailed(PIECE, Int32Array.of(1, 2, 1, 3));
  ban.onDigests(PIECE, digests('aXcd'));
  ban.onVerified(PIECE);
  assert.deepEqual(asked, [PIECE, PIECE]);
  assert.deepEqual(blamed, []);
  ban.onDigests(PIECE, digests('abcd'));
  assert.deepEqual(blamed, [2]);
});

test('two liars in one piece are both named, an honest contributor of two copies is not', () => {
  const { ban, blamed } = world();
  ban.onFailed(PIECE, Int32Array.of(1, 2, 3, 3));
  ban.onDigests(PIECE, digests('aXYd'));
  ban.onFailed(PIECE, Int32Array.of(1, 1, 4, 4));
  ban.onDigests(PIECE, digests('abcZ'));
  ban.onVerified(PIECE);
  ban.onDigests(PIECE, digests('abcd'));
  assert.deepEqual(blamed, [2, 3, 4]);
});

test('without digests of the bad copy nobody is blamed', () => {
  const { ban, blamed } = world();
  ban.onFailed(PIECE, Int32Array.of(1, 2));
  ban.onDigests(PIECE, new Uint8Array(0));
  ban.onVerified(PIECE);
  ban.onDigests(PIECE, digests('ab'));
  assert.deepEqual(blamed, []);
});

test('a piece that never failed costs nothing when it verifies', () => {
  const { ban, asked } = world();
  ban.onVerified(PIECE);
  assert.deepEqual(asked, []);
});

test('the memory of suspects is bounded: the oldest is forgotten', () => {
  const { ban, blamed } = world();
  for (let piece = 0; piece < 1000; piece++) {
    ban.onFailed(piece as PieceIndex, Int32Array.of(1, 2));
    ban.onDigests(piece as PieceIndex, digests('aX'));
  }
  ban.onVerified(0 as PieceIndex);
  ban.onDigests(0 as PieceIndex, digests('ab'));
  assert.deepEqual(blamed, []);
  ban.onVerified(999 as PieceIndex);
  ban.onDigests(999 as PieceIndex, digests('ab'));
  assert.deepEqual(blamed, [2]);
});
