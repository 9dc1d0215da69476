/**
 * Owns the block arena: one region of shared memory cut into 16 KiB slots, and who holds each slot.
 *
 * Invariants: a slot has exactly one owner at any time; every hand-over names the owner that it expects; the
 * number of slots of each owner adds up to the number of slots. Views are made once. The table of owners lives on the
 * engine's thread; the disk's thread sees only the memory. Hot file: no closures, nothing allocated after start.
 */
import { assert } from './assert.ts';
import { BLOCK_LENGTH, type SlotId } from './numbers.ts';

export const OWNER_FREE = 0;
export const OWNER_PEER = 1;
export const OWNER_ENGINE = 2;
export const OWNER_DISK = 3;
export const OWNER_SOCKET = 4;
const OWNER_NAMES = ['free', 'peer', 'engine', 'disk', 'socket'] as const;

/** "No slot": what {@link Arena.take} gives when the arena is empty. */
export const NO_SLOT = -1;

export class Arena {
  readonly memory: SharedArrayBuffer;
  readonly slotCount: number;
  readonly #owners: Uint8Array;
  readonly #free: Int32Array;
  readonly #views: Uint8Array[];
  readonly #counts = new Int32Array(OWNER_NAMES.length);

  /** An arena of `byteLength` bytes, a multiple of 16 KiB. */
  constructor(byteLength: number) {
    assert(byteLength >= BLOCK_LENGTH && byteLength % BLOCK_LENGTH === 0, `arena of ${byteLength} bytes`);
    this.memory = new SharedArrayBuffer(byteLength);
    this.slotCount = byteLength / BLOCK_LENGTH;
    this.#owners = new Uint8Array(this.slotCount);
    this.#free = new Int32Array(this.slotCount);
    this.#views = arenaViews(this.memory);
    // The lowest slot is on top, so that a small download touches few pages.
    for (let i = 0; i < this.slotCount; i++) this.#free[i] = this.slotCount - 1 - i;
    this.#counts[OWNER_FREE] = this.slotCount;
  }

  get freeCount(): number {
    return this.#counts[OWNER_FREE]!;
  }

  /** How many slots `owner` holds. */
  countOf(owner: number): number {
    return this.#counts[owner]!;
  }

  ownerOf(slot: SlotId): number {
    return this.#owners[slot]!;
  }

  /** The slot's 16 KiB. The view is the same object each time. */
  view(slot: SlotId): Uint8Array {
    return this.#views[slot]!;
  }

  /** A free slot, now held by `owner`, or {@link NO_SLOT}. The slot freed last comes first: its pages are warm. */
  take(owner: number): SlotId | typeof NO_SLOT {
    assert(owner !== OWNER_FREE, 'a taken slot has a holder');
    const freeCount = this.#counts[OWNER_FREE]!;
    if (freeCount === 0) return NO_SLOT;
    const slot = this.#free[freeCount - 1]! as SlotId;
    this.#move(slot, OWNER_FREE, owner);
    return slot;
  }

  /** Hands `slot` from one holder to another; neither is `OWNER_FREE`. */
  handOver(slot: SlotId, from: number, to: number): void {
    assert(from !== OWNER_FREE && to !== OWNER_FREE, 'a hand-over is between holders');
    this.#move(slot, from, to);
  }

  /** Gives `slot` back. */
  release(slot: SlotId, from: number): void {
    assert(from !== OWNER_FREE, 'a free slot cannot be given back');
    this.#move(slot, from, OWNER_FREE);
    this.#free[this.#counts[OWNER_FREE]! - 1] = slot;
  }

  #move(slot: SlotId, from: number, to: number): void {
    if (this.#owners[slot] !== from) {
      assert(false, `slot ${slot}: held by ${OWNER_NAMES[this.#owners[slot]!]}, not by ${OWNER_NAMES[from]}`);
    }
    this.#owners[slot] = to;
    this.#counts[from]!--;
    this.#counts[to]!++;
  }
}

/** One view for each slot of the shared `memory`, for a thread that sees it without the table of owners. */
export function arenaViews(memory: SharedArrayBuffer): Uint8Array[] {
  const views: Uint8Array[] = [];
  for (let at = 0; at < memory.byteLength; at += BLOCK_LENGTH) {
    views.push(new Uint8Array(memory, at, BLOCK_LENGTH));
  }
  return views;
}
