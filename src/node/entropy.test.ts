import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeEntropy, seededRandomFromEntropy } from './entropy.ts';

test('the bytes differ from call to call, and only the given ones are filled', () => {
  const memory = new Uint8Array(64);
  nodeEntropy.fill(memory.subarray(16, 48));
  const first = memory.slice();
  nodeEntropy.fill(memory.subarray(16, 48));
  assert.notDeepEqual(memory, first);
  assert.deepEqual([...memory.subarray(0, 16), ...memory.subarray(48)], Array(32).fill(0));
});

test('the seed of the generator is all four bytes of the entropy', () => {
  const seededWith = (bytes: readonly number[]): number =>
    seededRandomFromEntropy({ fill: (target) => target.set(bytes) }).uint32();
  assert.equal(seededWith([1, 2, 3, 4]), seededWith([1, 2, 3, 4]));
  const values = new Set([
    seededWith([0, 0, 0, 0]),
    seededWith([1, 0, 0, 0]),
    seededWith([0, 1, 0, 0]),
    seededWith([0, 0, 1, 0]),
    seededWith([0, 0, 0, 1]),
  ]);
  assert.equal(values.size, 5);
});
