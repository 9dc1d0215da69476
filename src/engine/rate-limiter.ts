/**
 * Owns one decision: whether bytes may flow now under a limit in bytes a second.
 *
 * A bucket of tokens that may go into debt: a transfer may begin while there is at least one token, and takes all its
 * bytes. So blocks larger than the bucket pass, and the average is exact: over any time `t` at most `rate × t` plus one
 * bucket and one block flow. Rate 0 is no limit.
 */
/** The bucket holds what flows in this time: short enough that a burst is not seen in a second's average. */
const BUCKET_MS = 250;

export class RateLimiter {
  #rate = 0;
  #tokens = 0;
  #filledAt: number;

  constructor(rate: number, now: number) {
    this.#filledAt = now;
    this.setRate(rate, now);
  }

  /** Bytes a second; 0 without a limit. */
  get rate(): number {
    return this.#rate;
  }

  setRate(rate: number, now: number): void {
    this.#refill(now);
    this.#rate = rate;
    this.#tokens = Math.min(this.#tokens, this.#bucket());
  }

  mayFlow(now: number): boolean {
    if (this.#rate === 0) return true;
    this.#refill(now);
    return this.#tokens > 0;
  }

  take(bytes: number): void {
    if (this.#rate !== 0) this.#tokens -= bytes;
  }

  /** Gives back what was taken for bytes that did not flow. */
  giveBack(bytes: number): void {
    if (this.#rate !== 0) this.#tokens += bytes;
  }

  /** Milliseconds until bytes may flow; 0 when they may now. */
  waitMs(now: number): number {
    if (this.mayFlow(now)) return 0;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  #refill(now: number): void {
    this.#tokens = Math.min(this.#bucket(), this.#tokens + ((now - this.#filledAt) * this.#rate) / 1000);
    this.#filledAt = now;
  }

  #bucket(): number {
    return Math.max(1, (this.#rate * BUCKET_MS) / 1000);
  }
}
