/**
 * Owns how long to wait before a tracker is announced to again: what of its wishes is believed, and the back-off after
 * failures. Pure functions; all results are milliseconds.
 */
import type { Random } from '../base/random.ts';
import type { AnnounceAnswer } from '../protocol/tracker/announce.ts';

/** When the tracker names none. Most trackers ask for 30 minutes. */
export const DEFAULT_INTERVAL_MS = 30 * 60_000;
/** A tracker may ask for frequent announces, they are its own load; this keeps a wrong unit from becoming a flood. */
export const SHORTEST_INTERVAL_MS = 5000;
/** A lie or an overflow must not silence a tracker for good. */
export const LONGEST_INTERVAL_MS = 24 * 3600_000;
/** Without a `min interval`: how soon we come back for more peers. The established clients wait two to five minutes. */
export const DEFAULT_MIN_INTERVAL_MS = 2 * 60_000;

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 30 * 60_000;
/** Share of a back-off that chance adds or takes, so that clients of a tracker that comes back do not come as one. */
const BACKOFF_JITTER = 0.25;

export interface AnnounceIntervals {
  /** Until the next periodic announce; never shorter than `minIntervalMs`. */
  readonly intervalMs: number;
  /** Until an announce without an event is permitted at all. */
  readonly minIntervalMs: number;
}

/** What of a tracker's wishes is obeyed. */
export function announceIntervals(answer: AnnounceAnswer): AnnounceIntervals {
  const intervalMs = bounded(answer.intervalSeconds, DEFAULT_INTERVAL_MS);
  const minIntervalMs = bounded(answer.minIntervalSeconds, Math.min(intervalMs, DEFAULT_MIN_INTERVAL_MS));
  return { intervalMs: Math.max(intervalMs, minIntervalMs), minIntervalMs };
}

/**
 * The wait after `failures` failures in a row (at least 1): 10 s doubled each time up to half an hour, a quarter more or
 * less. `retryInSeconds` is what the tracker asked for (BEP 31), never shortened; Infinity stays Infinity.
 */
export function backoffMs(failures: number, retryInSeconds: number | null, random: Random): number {
  const exact = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 16), LONGEST_BACKOFF_MS);
  const jitter = (random.below(2001) / 1000 - 1) * BACKOFF_JITTER;
  const waitMs = Math.round(exact * (1 + jitter));
  if (retryInSeconds === null) return waitMs;
  if (retryInSeconds === Number.POSITIVE_INFINITY) return retryInSeconds;
  return Math.max(waitMs, Math.min(retryInSeconds * 1000, LONGEST_INTERVAL_MS));
}

function bounded(seconds: number | null, otherwiseMs: number): number {
  if (seconds === null) return otherwiseMs;
  return Math.min(Math.max(seconds * 1000, SHORTEST_INTERVAL_MS), LONGEST_INTERVAL_MS);
}
