/**
 * Owns one decision: whether the session may have one more connection now, dialled or accepted.
 *
 * A bucket of tokens bounds the rate; a count of fresh dials bounds the burst. A dial that has had no answer for
 * `FRESH_DIAL_MS` no longer counts, so addresses that never answer do not hold back those that would. All connections
 * together are bounded by what the system has descriptors for.
 */
import { DIALS_PER_SECOND, FRESH_DIAL_MS, MAX_FRESH_DIALS } from './limits.ts';

export class ConnectQueue {
  #tokens = MAX_FRESH_DIALS;
  #filledAt: number;
  readonly #maxConnections: number;
  /** Connections of the session, half-open and pending ones included. */
  open = 0;
  /** Start of each fresh dial by connection number, oldest first. */
  readonly #fresh = new Map<number, number>();

  constructor(now: number, maxConnections: number) {
    this.#filledAt = now;
    this.#maxConnections = maxConnections;
  }

  get hasRoom(): boolean {
    return this.open < this.#maxConnections;
  }

  /** Takes the right to dial, for the connection with this number; false when it has to wait. */
  tryTake(connectionId: number, now: number): boolean {
    this.#refill(now);
    for (const [id, startedAt] of this.#fresh) {
      if (now - startedAt < FRESH_DIAL_MS) break;
      this.#fresh.delete(id);
    }
    if (!this.hasRoom || this.#tokens < 1 || this.#fresh.size >= MAX_FRESH_DIALS) return false;
    this.#tokens--;
    this.#fresh.set(connectionId, now);
    return true;
  }

  /** The dial succeeded or failed. */
  onDialEnded(connectionId: number): void {
    this.#fresh.delete(connectionId);
  }

  #refill(now: number): void {
    this.#tokens = Math.min(
      MAX_FRESH_DIALS,
      this.#tokens + ((now - this.#filledAt) * DIALS_PER_SECOND) / 1000,
    );
    this.#filledAt = now;
  }
}
