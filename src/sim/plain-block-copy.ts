/** Owns the copy of bytes with what the language has: `BlockCopy` without a platform. */
import type { BlockCopy } from '../ports/block-copy.ts';

export class PlainBlockCopy implements BlockCopy {
  copy(
    source: Uint8Array,
    sourceStart: number,
    sourceEnd: number,
    target: Uint8Array,
    targetStart: number,
  ): void {
    target.set(source.subarray(sourceStart, sourceEnd), targetStart);
  }
}
