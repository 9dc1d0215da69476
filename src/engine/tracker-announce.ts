/**
 * Owns the seam between the announcer, which decides, and the tracker client, which talks: one announce to one
 * tracker.
 */
import type { FailureCode } from '../ports/failure.ts';
import type { Cancellable } from '../ports/resolver.ts';
import type { AnnounceAnswer, AnnounceCounters, AnnounceEvent } from '../protocol/tracker/announce.ts';

/** Read again for each packet that is sent, so that a retransmission tells the truth of its moment. */
export interface CounterSource {
  counters(): AnnounceCounters;
}

export interface AnnounceRequest {
  /** The tracker's URL in full. */
  readonly url: string;
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly port: number;
  readonly key: number;
  readonly source: CounterSource;
  readonly event: AnnounceEvent;
  readonly numWant: number;
  readonly trackerId: Uint8Array | null;
  /** Give up after this many milliseconds; null for the protocol's own rule. */
  readonly timeoutMs: number | null;
}

/** Why an announce brought nothing. */
export interface AnnounceFailure {
  /** `bad-answer` also when the tracker refused; the rest says what the world did. */
  readonly code: FailureCode;
  /** In words for people, without the URL. */
  readonly message: string;
  /** Seconds after which the tracker asks to be tried again (BEP 31); Infinity for never; null when it did not say. */
  readonly retryInSeconds: number | null;
}

/**
 * Gets the outcome of one announce. Nothing is called from inside `announce`, and nothing after `cancel`.
 *
 * A UDP tracker with addresses of both families is announced over both, so that more than one answer may come; then, or
 * instead, comes one `onEnded`, and nothing after it.
 */
export interface AnnounceHandler {
  /** `trackerAddress` is the canonical address that answered, null when unknown. */
  onAnswer(answer: AnnounceAnswer, trackerAddress: string | null): void;
  /** Nothing is outstanding any more. `failure` is null when there was an answer. */
  onEnded(failure: AnnounceFailure | null): void;
}

/** An announce under way. */
export interface AnnounceInFlight extends Cancellable {
  /** False as long as certainly nothing was sent that the tracker could act on. */
  readonly mayBeHeard: boolean;
}

/** Makes announces. Implemented by `tracker-client.ts`, and by fakes in tests. */
export interface AnnounceClient {
  announce(request: AnnounceRequest, handler: AnnounceHandler): AnnounceInFlight;
}
