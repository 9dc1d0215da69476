import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BitSet } from '../base/bit-set.ts';
import { BLOCK_LENGTH, type PieceIndex } from '../base/numbers.ts';
import { FileLayout } from '../protocol/metainfo/file-layout.ts';
import { BLOCK_OPEN, PIECE_HASHING, PIECE_MISSING, PIECE_VERIFIED, PieceStates } from './piece-states.ts';

const PIECE = 0 as PieceIndex;

/** Two pieces: one of two blocks, one of a block and a short one. */
function states(): PieceStates {
  const layout = new FileLayout([3 * BLOCK_LENGTH + 5], 2 * BLOCK_LENGTH);
  const wanted = new BitSet(2);
  wanted.fill();
  return new PieceStates(layout, new BitSet(2), wanted);
}

test('a piece goes from missing to verified, block by block', () => {
  const s = states();
  const partial = s.start(PIECE);
  s.request(partial, 0, 1);
  s.request(partial, 1, 2);
  assert.equal(s.openBlocks, 0);
  assert.equal(s.receive(partial, 0, 9), false);
  s.unrequest(partial, 0);
  assert.equal(s.receive(partial, 1, 9), true);
  s.unrequest(partial, 1);
  s.beginHash(partial);
  assert.equal(s.stateOf(PIECE), PIECE_HASHING);
  assert.equal(s.neededPieces, 2);
  s.verify(PIECE);
  assert.equal(s.stateOf(PIECE), PIECE_VERIFIED);
  assert.equal(s.neededPieces, 1);
  assert.equal(s.verified.has(0), true);
  s.checkInvariants();
});

test('a block that nobody owes any more is open again, and an untouched piece is missing again', () => {
  const s = states();
  const partial = s.start(PIECE);
  s.request(partial, 0, 1);
  s.request(partial, 0, 2);
  assert.equal(s.unrequest(partial, 0), false);
  assert.equal(partial.blocks[0] === BLOCK_OPEN, false);
  assert.equal(s.unrequest(partial, 0), true);
  assert.equal(s.stateOf(PIECE), PIECE_MISSING);
  assert.equal(s.missingWantedPieces, 2);
  s.checkInvariants();
});

test('a failed hash makes the piece missing and suspect until it verifies', () => {
  const s = states();
  const fetch = (): void => {
    const partial = s.start(PIECE);
    for (const block of [0, 1]) s.receive(partial, block, 1);
    s.beginHash(partial);
  };
  fetch();
  s.fail(PIECE);
  assert.equal(s.stateOf(PIECE), PIECE_MISSING);
  assert.equal(s.isSuspect(PIECE), true);
  fetch();
  s.verify(PIECE);
  assert.equal(s.isSuspect(PIECE), false);
  s.checkInvariants();
});

test('a transition that is not in the diagram is a bug', () => {
  const s = states();
  assert.throws(() => s.verify(PIECE), { name: 'BugError' });
  assert.throws(() => s.fail(PIECE), { name: 'BugError' });
  const partial = s.start(PIECE);
  assert.throws(() => s.start(PIECE), { name: 'BugError' });
  assert.throws(() => s.beginHash(partial), { name: 'BugError' });
  assert.throws(() => s.unrequest(partial, 0), { name: 'BugError' });
  s.receive(partial, 0, 1);
  assert.throws(() => s.receive(partial, 0, 1), { name: 'BugError' });
  assert.throws(() => s.request(partial, 0, 1), { name: 'BugError' });
});

test('blocks are asked for in order, and one that opened again comes first', () => {
  const s = states();
  const partial = s.start(PIECE);
  assert.equal(partial.nextOpen(), 0);
  s.request(partial, 0, 1);
  assert.equal(partial.nextOpen(), 1);
  s.request(partial, 1, 1);
  assert.equal(partial.nextOpen(), -1);
  s.unrequest(partial, 0);
  assert.equal(partial.nextOpen(), 0);
});
