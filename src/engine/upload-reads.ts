/**
 * Owns what each slot that the disk fills for an upload is for: which peer, which range. One table for the session,
 * indexed by slot, so that nothing is allocated for a block.
 */
import { assert } from '../base/assert.ts';
import type { SlotId } from '../base/numbers.ts';
import type { Peer } from './peer.ts';

export class UploadReads {
  readonly #peers: (Peer | null)[];
  readonly #pieces: Int32Array;
  readonly #begins: Int32Array;
  readonly #lengths: Int32Array;

  constructor(slotCount: number) {
    this.#peers = new Array<Peer | null>(slotCount).fill(null);
    this.#pieces = new Int32Array(slotCount);
    this.#begins = new Int32Array(slotCount);
    this.#lengths = new Int32Array(slotCount);
  }

  begin(slot: SlotId, peer: Peer, piece: number, begin: number, length: number): void {
    assert(this.#peers[slot] === null, 'a slot is read into once');
    this.#peers[slot] = peer;
    this.#pieces[slot] = piece;
    this.#begins[slot] = begin;
    this.#lengths[slot] = length;
  }

  /** Ends the read; the peer that it was for. */
  end(slot: SlotId): Peer {
    const peer = this.#peers[slot];
    assert(peer !== null && peer !== undefined, 'a read that nobody asked for');
    this.#peers[slot] = null;
    return peer;
  }

  pieceOf(slot: SlotId): number {
    return this.#pieces[slot]!;
  }

  beginOf(slot: SlotId): number {
    return this.#begins[slot]!;
  }

  lengthOf(slot: SlotId): number {
    return this.#lengths[slot]!;
  }
}
