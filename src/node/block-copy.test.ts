import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeBlockCopy } from './block-copy.ts';

const source = Uint8Array.from({ length: 100 }, (_, i) => i + 1);

test('a range is copied to its place and nothing else is touched', () => {
  const target = new Uint8Array(20);
  nodeBlockCopy.copy(source, 10, 15, target, 3);
  assert.deepEqual([...target], [0, 0, 0, 11, 12, 13, 14, 15, ...Array(12).fill(0)]);
});

test('source and target may lie on shared memory, at an offset, or be a Buffer', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(64), 8, 32);
  nodeBlockCopy.copy(Buffer.from(source), 0, 32, shared, 0);
  assert.deepEqual([...shared], [...source.subarray(0, 32)]);
  const target = new Uint8Array(new ArrayBuffer(64), 16, 32);
  nodeBlockCopy.copy(shared, 4, 8, target, 28);
  assert.deepEqual([...target.subarray(26)], [0, 0, 5, 6, 7, 8]);
});

test('an empty range copies nothing', () => {
  const target = new Uint8Array(4);
  nodeBlockCopy.copy(source, 5, 5, target, 4);
  assert.deepEqual([...target], [0, 0, 0, 0]);
});
