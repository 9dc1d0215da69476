/**
 * Owns the branded numbers: indices that must not be mixed up, and the constants of block arithmetic.
 *
 * A number that came from outside (the wire, a file, a person) is a plain `number` until one of the validating
 * constructors has seen it. Offsets in a torrent are doubles, because they pass 2^31; offsets in a piece are
 * int32.
 */
import { assert } from './assert.ts';

declare const brand: unique symbol;
type Brand<Name extends string> = number & { readonly [brand]: Name };

/** Zero-based index of a piece within its torrent. */
export type PieceIndex = Brand<'PieceIndex'>;
/** Zero-based index of a 16 KiB slot within the arena. */
export type SlotId = Brand<'SlotId'>;
/** Identifies one torrent's files at the disk, for the life of the process. */
export type StorageId = Brand<'StorageId'>;

/** The unit of request and transfer, in bytes (BEP 3, by long convention; BEP 52). */
export const BLOCK_LENGTH = 16384;

/** `value` as a piece index of a torrent of `pieceCount` pieces. */
export function pieceIndex(value: number, pieceCount: number): PieceIndex {
  assert(Number.isInteger(value) && value >= 0 && value < pieceCount, `piece ${value} of ${pieceCount}`);
  return value as PieceIndex;
}

/** `value` as a slot of an arena of `slotCount` slots. */
export function slotId(value: number, slotCount: number): SlotId {
  assert(Number.isInteger(value) && value >= 0 && value < slotCount, `slot ${value} of ${slotCount}`);
  return value as SlotId;
}

/** `value` as a storage id; ids are small non-negative integers that fit an int32. */
export function storageId(value: number): StorageId {
  assert(Number.isInteger(value) && value >= 0 && value <= 0x7fffffff, `storage ${value}`);
  return value as StorageId;
}
