/**
 * Owns one decision: whether a peer sends too much of what is of no use. Counts by the minute; nothing is kept of the
 * messages themselves.
 */
import {
  MAX_CHOKED_REQUESTS_PER_MINUTE,
  MAX_IDLE_MESSAGES_PER_MINUTE,
  MAX_UNREQUESTED_BYTES,
} from './limits.ts';

const MINUTE_MS = 60_000;

export class FloodGuard {
  #minuteStart: number;
  #idleMessages = 0;
  #chokedRequests = 0;
  #unrequestedBytes = 0;

  constructor(now: number) {
    this.#minuteStart = now;
  }

  /** A message that changes nothing or little. True when it is one too many. */
  countIdle(now: number): boolean {
    this.#startMinute(now);
    return ++this.#idleMessages > MAX_IDLE_MESSAGES_PER_MINUTE;
  }

  /** A request while we choke the peer. True when it is one too many. */
  countChokedRequest(now: number): boolean {
    this.#startMinute(now);
    return ++this.#chokedRequests > MAX_CHOKED_REQUESTS_PER_MINUTE;
  }

  /** Payload that was never asked for. True when it is too much. */
  countUnrequested(bytes: number): boolean {
    this.#unrequestedBytes += bytes;
    return this.#unrequestedBytes > MAX_UNREQUESTED_BYTES;
  }

  #startMinute(now: number): void {
    if (now - this.#minuteStart < MINUTE_MS) return;
    this.#minuteStart = now;
    this.#idleMessages = 0;
    this.#chokedRequests = 0;
  }
}
