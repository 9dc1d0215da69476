import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BitSet } from '../base/bit-set.ts';
import type { PieceIndex } from '../base/numbers.ts';
import { SeededRandom } from '../base/random.ts';
import { Availability } from './availability.ts';

const PIECES = 12;

test('the order agrees with a naive model after any sequence of changes', () => {
  const step = fc.record({
    kind: fc.constantFrom('increment', 'decrement', 'insert', 'remove'),
    piece: fc.nat(PIECES - 1),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const availability = new Availability(PIECES);
      const counts = new Array<number>(PIECES).fill(0);
      const startable = new Set<number>();
      for (const { kind, piece } of steps) {
        const index = piece as PieceIndex;
        if (kind === 'increment') {
          availability.increment(index);
          counts[piece]!++;
        } else if (kind === 'decrement' && counts[piece]! > 0) {
          availability.decrement(index);
          counts[piece]!--;
        } else if (kind === 'insert' && !startable.has(piece)) {
          availability.insert(index);
          startable.add(piece);
        } else if (kind === 'remove' && startable.delete(piece)) availability.remove(index);
        availability.checkInvariants();
      }
      const all = new BitSet(PIECES);
      all.fill();
      const rarest = availability.rarest(all, new SeededRandom(1));
      const lowest = Math.min(...[...startable].map((piece) => counts[piece]!));
      if (startable.size === 0) assert.equal(rarest, -1);
      else assert.equal(counts[rarest], lowest);
      assert.equal(availability.startableCount, startable.size);
    }),
    { numRuns: 500, seed: 7 },
  );
});

test('rarest skips what the peer lacks', () => {
  const availability = new Availability(3);
  for (const piece of [0, 1, 2] as PieceIndex[]) availability.insert(piece);
  availability.increment(1 as PieceIndex);
  availability.increment(2 as PieceIndex);
  availability.increment(2 as PieceIndex);
  const have = new BitSet(3);
  have.add(2);
  assert.equal(availability.rarest(have, new SeededRandom(1)), 2);
  have.add(1);
  assert.equal(availability.rarest(have, new SeededRandom(1)), 1);
});

test('a seed counts for every piece without touching the order', () => {
  const availability = new Availability(2);
  availability.insert(0 as PieceIndex);
  availability.seedCount = 3;
  availability.increment(0 as PieceIndex);
  assert.equal(availability.of(0 as PieceIndex), 4);
  assert.equal(availability.of(1 as PieceIndex), 3);
  assert.equal(availability.rarestCount, 4);
});
