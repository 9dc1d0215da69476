/**
 * Owns one decision: whether one more block may be requested, anywhere in the session.
 *
 * Invariant: live requests never outnumber free slots, so a block that was asked for finds a slot when it comes and no
 * socket has to wait for the disk. This is where back-pressure begins: a slow disk holds slots, held slots stop
 * requests.
 */
import type { Arena } from '../base/arena.ts';

export class RequestBudget {
  readonly #arena: Arena;
  /** Requests that peers owe, in all torrents. */
  live = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get hasRoom(): boolean {
    return this.live < this.#arena.freeCount;
  }

  /** The most that one of `peerCount` peers may have in flight. */
  shareOf(peerCount: number): number {
    return Math.max(4, Math.floor(this.#arena.slotCount / Math.max(1, peerCount)));
  }
}
