import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { NodeCrypto } from '../../node/crypto.ts';
import { emptySubtree, LeafTree, MERKLE_HASH_LENGTH, rootOfLayer, treeWidth } from './merkle.ts';

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hasher = {
  sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
    target.set(sha256(bytes), offset);
  },
};
const ZERO = Buffer.alloc(MERKLE_HASH_LENGTH);
const leaf = (n: number): Buffer => sha256(Buffer.from([n]));

/** The definition, word for word. */
function naiveRoot(leaves: readonly Uint8Array[], width: number): Uint8Array {
  let level = [...leaves, ...new Array<Uint8Array>(width - leaves.length).fill(ZERO)];
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) => sha256(level[2 * i]!, level[2 * i + 1]!));
  }
  return level[0]!;
}

test('a tree over some leaves is padded with zeros to its width, and can be used again', () => {
  const tree = new LeafTree(16, hasher);
  const target = new Uint8Array(40);
  for (const [count, width] of [
    [1, 1],
    [16, 16],
    [1, 16],
    [3, 4],
    [5, 8],
    [2, 2],
  ] as const) {
    const leaves = Array.from({ length: count }, (_, i) => leaf(i));
    leaves.forEach((hash, i) => {
      tree.leaves.set(hash, i * MERKLE_HASH_LENGTH);
    });
    tree.reduce(count, width, target, 8);
    assert.deepEqual(
      Buffer.from(target.subarray(8)),
      Buffer.from(naiveRoot(leaves, width)),
      `${count} of ${width}`,
    );
  }
});

test('the root over a piece layer is the root over all leaves of the file', () => {
  const crypto = new NodeCrypto();
  const leavesPerPiece = 4;
  for (const leafCount of [5, 8, 9, 13, 31]) {
    const leaves = Array.from({ length: leafCount }, (_, i) => leaf(i));
    const layer: Uint8Array[] = [];
    for (let at = 0; at < leafCount; at += leavesPerPiece) {
      layer.push(naiveRoot(leaves.slice(at, at + leavesPerPiece), leavesPerPiece));
    }
    const root = rootOfLayer(Buffer.concat(layer), emptySubtree(leavesPerPiece * 16_384, crypto), crypto);
    assert.deepEqual(Buffer.from(root), Buffer.from(naiveRoot(leaves, treeWidth(leafCount))), `${leafCount}`);
  }
});

test('the width of a tree is the next power of two', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 1024, 1025].map(treeWidth), [1, 2, 4, 4, 8, 1024, 2048]);
});
