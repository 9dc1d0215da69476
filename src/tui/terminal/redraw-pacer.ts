/**
 * Owns when the screen is drawn: at once when it has been still, four times a second at most, and so seldom that drawing
 * takes a small share of the time however large the screen and slow the machine.
 */

/** The least time between the starts of two drawings. */
export const MIN_INTERVAL_MS = 250;
/** The most time between two drawings that data ask for. */
export const MAX_INTERVAL_MS = 2000;
/** Drawing takes at most one part in this many of the time. */
const COST_FACTOR = 50;
/** The first drawings are slow because nothing is compiled yet; they say nothing about the next. */
const WARM_UP_DRAWINGS = 5;

export interface PacerClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds of this thread's processor time. */
  cost(): number;
  /** Calls `action` once after `ms`; the result calls it off. */
  after(ms: number, action: () => void): () => void;
}

export class RedrawPacer {
  readonly #draw: () => void;
  readonly #clock: PacerClock;
  #lastAt = Number.NEGATIVE_INFINITY;
  #meanCost = 0;
  #drawings = 0;
  #planned: { readonly at: number; readonly cancel: () => void } | null = null;
  #isStopped = false;

  constructor(draw: () => void, clock: PacerClock) {
    this.#draw = draw;
    this.#clock = clock;
  }

  /** Something changed. `isUrgent` for what a person did: then only the four times a second count. */
  request(isUrgent: boolean): void {
    if (this.#isStopped) return;
    const interval = isUrgent ? MIN_INTERVAL_MS : this.#interval();
    const at = Math.max(this.#clock.now(), this.#lastAt + interval);
    if (this.#planned !== null) {
      if (this.#planned.at <= at) return;
      this.#planned.cancel();
    }
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#drawNow());
    this.#planned = { at, cancel };
  }

  stop(): void {
    this.#isStopped = true;
    this.#planned?.cancel();
    this.#planned = null;
  }

  #interval(): number {
    return Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, this.#meanCost * COST_FACTOR));
  }

  #drawNow(): void {
    this.#planned = null;
    this.#lastAt = this.#clock.now();
    const before = this.#clock.cost();
    this.#draw();
    const cost = this.#clock.cost() - before;
    if (++this.#drawings > WARM_UP_DRAWINGS) this.#meanCost += (cost - this.#meanCost) / 8;
  }
}
