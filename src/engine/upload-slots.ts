/**
 * Owns one decision: how many peers may be unchoked at once.
 *
 * A slot should be worth having: as long as each gets more than `SLOT_RATE` there is room for more, below half of it there
 * are too many. So the number follows the measured capacity, from a slow line (a few slots) to a fast one (everybody).
 */
const SLOTS_FIRST = 8;
const SLOTS_MIN = 4;
const SLOTS_MAX = 500;
/** Bytes a second that make a slot worth having. */
const SLOT_RATE = 40_000;

export class UploadSlots {
  #slots = SLOTS_FIRST;

  get count(): number {
    return this.#slots;
  }

  /**
   * Adapts to what was measured: payload sent in bytes a second, and how many unchoked peers asked for data. True when
   * there are more slots than before.
   */
  adapt(uploadRate: number, activePeers: number): boolean {
    const before = this.#slots;
    const isFull = activePeers >= this.#slots;
    if (isFull && uploadRate > this.#slots * SLOT_RATE) {
      this.#slots = Math.min(SLOTS_MAX, this.#slots * 2, Math.ceil(uploadRate / SLOT_RATE));
    } else if (isFull && uploadRate < (this.#slots * SLOT_RATE) / 2) {
      this.#slots = Math.max(SLOTS_MIN, this.#slots - 1);
    }
    return this.#slots > before;
  }
}
