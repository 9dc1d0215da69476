import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  Arena,
  arenaViews,
  NO_SLOT,
  OWNER_DISK,
  OWNER_ENGINE,
  OWNER_FREE,
  OWNER_PEER,
  OWNER_SOCKET,
} from './arena.ts';
import { BugError } from './assert.ts';
import { BLOCK_LENGTH, type SlotId } from './numbers.ts';

const HOLDERS = [OWNER_PEER, OWNER_ENGINE, OWNER_DISK, OWNER_SOCKET];

test('an arena is a whole number of slots, at least one', () => {
  for (const bytes of [0, 1, BLOCK_LENGTH - 1, BLOCK_LENGTH + 1, -BLOCK_LENGTH, Number.NaN]) {
    assert.throws(() => new Arena(bytes), BugError);
  }
  assert.equal(new Arena(3 * BLOCK_LENGTH).slotCount, 3);
});

test('the lowest slots are used first, and the slot freed last comes back first', () => {
  const arena = new Arena(4 * BLOCK_LENGTH);
  assert.deepEqual([arena.take(OWNER_PEER), arena.take(OWNER_PEER), arena.take(OWNER_PEER)], [0, 1, 2]);
  arena.release(0 as SlotId, OWNER_PEER);
  arena.release(2 as SlotId, OWNER_PEER);
  assert.deepEqual([arena.take(OWNER_DISK), arena.take(OWNER_DISK)], [2, 0]);
});

test('views are made once, cover their slot alone, and are seen by the other side of the memory', () => {
  const arena = new Arena(2 * BLOCK_LENGTH);
  const slot = arena.take(OWNER_PEER) as SlotId;
  assert.equal(arena.view(slot), arena.view(slot));
  assert.equal(arena.view(slot).length, BLOCK_LENGTH);
  arena.view(slot).fill(7);
  const others = arenaViews(arena.memory);
  assert.equal(others.length, 2);
  assert.ok(others[slot]!.every((byte) => byte === 7));
  assert.ok(others[1]!.every((byte) => byte === 0));
});

test('a hand-over by anyone but the holder is a bug, and changes nothing', () => {
  const arena = new Arena(BLOCK_LENGTH);
  const slot = arena.take(OWNER_PEER) as SlotId;
  assert.throws(() => arena.handOver(slot, OWNER_DISK, OWNER_SOCKET), /held by peer, not by disk/);
  assert.throws(() => arena.release(slot, OWNER_ENGINE), BugError);
  assert.throws(() => arena.handOver(slot, OWNER_PEER, OWNER_FREE), BugError);
  assert.equal(arena.ownerOf(slot), OWNER_PEER);
  arena.release(slot, OWNER_PEER);
  assert.throws(() => arena.release(slot, OWNER_PEER), /held by free/);
});

test('nothing is taken for, nor given back by, the owner of free slots', () => {
  const arena = new Arena(2 * BLOCK_LENGTH);
  assert.throws(() => arena.take(OWNER_FREE), BugError);
  assert.throws(() => arena.release(0 as SlotId, OWNER_FREE), BugError);
  assert.deepEqual([arena.take(OWNER_PEER), arena.take(OWNER_PEER)], [0, 1]);
});

test('an empty arena says so', () => {
  const arena = new Arena(BLOCK_LENGTH);
  arena.take(OWNER_SOCKET);
  assert.equal(arena.take(OWNER_PEER), NO_SLOT);
  assert.equal(arena.freeCount, 0);
});

test('whatever is done with slots, each has one owner and the counts add up', () => {
  const step = fc.record({
    kind: fc.constantFrom('take', 'move', 'release'),
    owner: fc.constantFrom(...HOLDERS),
    pick: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const arena = new Arena(5 * BLOCK_LENGTH);
      const model = new Map<SlotId, number>();
      for (const { kind, owner, pick } of steps) {
        const held = [...model.keys()];
        if (kind === 'take') {
          const slot = arena.take(owner);
          assert.equal(slot === NO_SLOT, held.length === 5);
          if (slot === NO_SLOT) continue;
          assert.ok(!model.has(slot));
          model.set(slot, owner);
        } else if (held.length > 0) {
          const slot = held[pick % held.length]!;
          if (kind === 'move') {
            arena.handOver(slot, model.get(slot)!, owner);
            model.set(slot, owner);
          } else {
            arena.release(slot, model.get(slot)!);
            model.delete(slot);
          }
        }
        for (const holder of HOLDERS) {
          assert.equal(arena.countOf(holder), [...model.values()].filter((o) => o === holder).length);
        }
        assert.equal(arena.freeCount, 5 - model.size);
        for (const [slot, holder] of model) assert.equal(arena.ownerOf(slot), holder);
      }
    }),
  );
});
