/**
 * Owns the `BlockCopy` port on Node: `Buffer.copy`, which also takes plain arrays, on shared memory too. It makes no view,
 * which is what `subarray` and `set` lose most of their time with.
 */
import { Buffer } from 'node:buffer';
import type { BlockCopy } from '../ports/block-copy.ts';

// Taken from the prototype, because sources and targets are plain arrays and need no `Buffer` around them.
const copyBytes = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

export const nodeBlockCopy: BlockCopy = {
  copy(source, sourceStart, sourceEnd, target, targetStart) {
    copyBytes.call(source, target, targetStart, sourceStart, sourceEnd);
  },
};
