/**
 * Owns the words that both tracker protocols share: what an announce says and what an answer says (BEP 3, 7, 15, 23,
 * 24, 31). How they look on the wire is in the files beside this one.
 */
import type { Endpoint } from '../../base/endpoint.ts';

/** `none` is the periodic announce, without an event (BEP 3). */
export type AnnounceEvent = 'started' | 'completed' | 'stopped' | 'none';

/** Bytes as BEP 3 counts them: since `started`, and still missing. */
export interface AnnounceCounters {
  /** Payload sent to peers. */
  readonly uploaded: number;
  /** Payload received from peers. */
  readonly downloaded: number;
  /** Bytes that this client still lacks of what it wants; 0 makes it a seed in the tracker's eyes. */
  readonly left: number;
}

/** Everything that one announce says. */
export interface AnnounceParameters {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The port that peers may dial. */
  readonly port: number;
  /** Constant for this client and torrent: proves to a tracker that a client with a new address is the same. */
  readonly key: number;
  readonly counters: AnnounceCounters;
  readonly event: AnnounceEvent;
  /** How many peers are wanted. */
  readonly numWant: number;
  /** The `tracker id` of an earlier answer, to be handed back; null without one. HTTP only. */
  readonly trackerId: Uint8Array | null;
}

/**
 * What a tracker answered, made sane: peers have a usable address and a port, numbers are not negative. How much of it
 * to believe is the announcer's decision.
 */
export interface AnnounceAnswer {
  /** In the tracker's order, without repetitions. */
  readonly peers: readonly Endpoint[];
  /** Seconds; null when absent or nonsense. */
  readonly intervalSeconds: number | null;
  /** Seconds that must pass before the next announce without an event; null when absent or nonsense. */
  readonly minIntervalSeconds: number | null;
  /** Peers that have everything (`complete`); null when the tracker does not say. */
  readonly seeds: number | null;
  /** Peers that do not (`incomplete`); null when the tracker does not say. */
  readonly leeches: number | null;
  /** The tracker's `warning message`, for people; null without one. */
  readonly warning: string | null;
  readonly trackerId: Uint8Array | null;
  /** Our own address as the tracker sees it (BEP 24), canonical; null when it does not say. */
  readonly externalAddress: string | null;
}

/** The tracker understood, and said no. */
export interface TrackerRefusal {
  /** The tracker's `failure reason`, for people. */
  readonly reason: string;
  /**
   * Seconds after which it asks to be tried again (BEP 31); Infinity for `never`; null when it does not say.
   */
  readonly retryInSeconds: number | null;
}

/** How an answer was read. `malformed` says in words what is wrong with it. */
export type AnnounceResult =
  | { readonly kind: 'answer'; readonly answer: AnnounceAnswer }
  | { readonly kind: 'refusal'; readonly refusal: TrackerRefusal }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Peers kept of one answer: more than any client dials, and far less than a body at its limit could hold. */
export const MAX_PEERS_PER_ANSWER = 2000;

/** Characters kept of a tracker's failure reason or warning: they end up in logs and on a progress line. */
export const MAX_MESSAGE_LENGTH = 300;
