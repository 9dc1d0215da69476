/**
 * Owns the rates of the last minutes, one sample a second, for the speed graph. Memory is fixed.
 */

/** Ten minutes: the widest screen shows less. */
export const HISTORY_SECONDS = 600;

export class RateHistory {
  readonly #rates = new Float64Array(HISTORY_SECONDS);
  /** The second of the newest sample, or null before the first. */
  #second: number | null = null;
  #count = 0;

  /** Adds the rate at `timeMs` (any clock that does not run backwards; where it does, the newest second is overwritten). */
  add(rate: number, timeMs: number): void {
    const second = Math.floor(timeMs / 1000);
    const newest = this.#second ?? second - 1;
    // Seconds without a sample repeat the last one: what is missing is the measurement, not the download.
    const missed = Math.min(second - newest - 1, HISTORY_SECONDS);
    const last = this.#rates[index(newest)] ?? 0;
    for (let i = missed; i > 0; i--) this.#rates[index(second - i)] = last;
    if (second > newest) this.#count = Math.min(HISTORY_SECONDS, this.#count + second - newest);
    this.#second = Math.max(newest, second);
    this.#rates[index(this.#second)] = rate;
  }

  /** The last `seconds` rates, oldest first; fewer when there are fewer. */
  last(seconds: number): number[] {
    const length = Math.min(seconds, this.#count);
    const newest = this.#second ?? 0;
    return Array.from({ length }, (_, i) => this.#rates[index(newest - length + 1 + i)]!);
  }
}

function index(second: number): number {
  return ((second % HISTORY_SECONDS) + HISTORY_SECONDS) % HISTORY_SECONDS;
}
