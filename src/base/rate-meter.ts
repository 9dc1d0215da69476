/**
 * Owns a measured rate: bytes over a sliding window of eight parts, read at any time without a timer.
 *
 * Invariant: `rate(now)` covers at most the last `windowMs`, and never less than one part of it, so that a burst just
 * after the start does not read as a huge rate. Hot file: struct of arrays, nothing allocated after construction.
 */
const PARTS = 8;

export class RateMeter {
  readonly #partMs: number;
  readonly #bytes = new Float64Array(PARTS);
  #part = 0;
  #partStart: number;
  readonly #startedAt: number;
  /** All bytes ever counted. */
  total = 0;

  constructor(now: number, windowMs = 8000) {
    this.#partMs = windowMs / PARTS;
    this.#partStart = now;
    this.#startedAt = now;
  }

  add(bytes: number, now: number): void {
    this.#advance(now);
    this.#bytes[this.#part]! += bytes;
    this.total += bytes;
  }

  /** Bytes a second over the window that ends at `now` (monotonic milliseconds). */
  rate(now: number): number {
    this.#advance(now);
    let sum = 0;
    for (let i = 0; i < PARTS; i++) sum += this.#bytes[i]!;
    const windowStart = this.#partStart - (PARTS - 1) * this.#partMs;
    const spanMs = Math.max(now - Math.max(windowStart, this.#startedAt), this.#partMs);
    return (sum * 1000) / spanMs;
  }

  #advance(now: number): void {
    let steps = 0;
    while (now - this.#partStart >= this.#partMs && steps < PARTS) {
      this.#part = (this.#part + 1) % PARTS;
      this.#bytes[this.#part] = 0;
      this.#partStart += this.#partMs;
      steps++;
    }
    if (now - this.#partStart >= this.#partMs) {
      // Silent for more than the window: every part is clear. The parts stay on their grid, so that the rate depends
      // on what was added alone, never on how often somebody read it.
      this.#partStart += Math.floor((now - this.#partStart) / this.#partMs) * this.#partMs;
    }
  }
}
