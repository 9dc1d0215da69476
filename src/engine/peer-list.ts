/**
 * Owns the candidates of one torrent: every address that a source named, what happened to it, and when it may be dialled
 * again.
 *
 * Contributors of blocks are named by candidate number, so blame survives a disconnect. A candidate for an incoming
 * connection is keyed by its remote endpoint as well; it is not dialled, because that port is not the one it listens
 * on. Invariants: at most `MAX_CANDIDATES` that are not connected; a number is never used twice.
 */
import { type Endpoint, formatEndpoint, isLinkLocal, isLoopback, isUnusable } from '../base/endpoint.ts';
import type { Retry } from './close-reason.ts';
import type { PeerSource } from './events.ts';
import {
  MAX_CANDIDATE_FAILURES,
  MAX_CANDIDATES,
  RETRY_FACTOR,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
} from './limits.ts';

export class PeerCandidate {
  readonly number: number;
  readonly endpoint: Endpoint;
  readonly source: PeerSource;
  /** Dials and connections in a row that brought no payload. */
  failures = 0;
  /** Not to be dialled before this time. */
  retryAt = 0;
  isConnected = false;
  /** Not to be dialled any more: itself, wrong torrent, violation, or an incoming port. */
  isSpent = false;

  constructor(number: number, endpoint: Endpoint, source: PeerSource) {
    this.number = number;
    this.endpoint = endpoint;
    this.source = source;
  }
}

export class PeerList {
  readonly #byKey = new Map<string, PeerCandidate>();
  readonly #byNumber = new Map<number, PeerCandidate>();
  #nextNumber = 1;
  #connected = 0;
  /** Addresses that a source named and that were not believed. */
  refusedCount = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** Candidates that are not connected and may be dialled now or later. */
  get dialableCount(): number {
    let count = 0;
    for (const candidate of this.#byKey.values()) {
      if (!candidate.isConnected && !candidate.isSpent) count++;
    }
    return count;
  }

  byNumber(number: number): PeerCandidate | undefined {
    return this.#byNumber.get(number);
  }

  /**
   * Adds what a source named. Loopback and link-local addresses are believed only from a source that is itself on such
   * an address (`sourceAddress`) and from the user. Returns true when a new candidate may be dialled.
   */
  add(endpoint: Endpoint, source: PeerSource, sourceAddress: string | null): boolean {
    if (!isBelievable(endpoint, source, sourceAddress)) {
      this.refusedCount++;
      return false;
    }
    const key = formatEndpoint(endpoint);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      // Named again after we gave up: one more chance, when its back-off is over.
      if (known.failures >= MAX_CANDIDATE_FAILURES) known.failures = MAX_CANDIDATE_FAILURES - 1;
      return false;
    }
    if (this.#byKey.size - this.#connected >= MAX_CANDIDATES && !this.#forgetWorst()) return false;
    this.#insert(key, endpoint, source);
    return true;
  }

  /** The candidate of a connection that came in; its port is no port to dial. */
  addIncoming(remote: Endpoint): PeerCandidate {
    const key = formatEndpoint(remote);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const candidate = this.#insert(key, remote, 'incoming');
    candidate.isSpent = true;
    return candidate;
  }

  /** The candidate to dial next, or null: fewest failures first, then the one that waits longest. */
  next(now: number): PeerCandidate | null {
    let best: PeerCandidate | null = null;
    for (const candidate of this.#byKey.values()) {
      if (candidate.isConnected || candidate.isSpent || candidate.retryAt > now) continue;
      if (candidate.failures >= MAX_CANDIDATE_FAILURES) continue;
      if (
        best === null ||
        candidate.failures < best.failures ||
        (candidate.failures === best.failures && candidate.retryAt < best.retryAt)
      ) {
        best = candidate;
        if (best.failures === 0 && best.retryAt === 0) return best;
      }
    }
    return best;
  }

  /** When the next candidate may be dialled, or Infinity. */
  nextRetryAt(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const candidate of this.#byKey.values()) {
      if (candidate.isConnected || candidate.isSpent || candidate.failures >= MAX_CANDIDATE_FAILURES)
        continue;
      if (candidate.retryAt < earliest) earliest = candidate.retryAt;
    }
    return earliest;
  }

  onConnecting(candidate: PeerCandidate): void {
    if (candidate.isConnected) return;
    candidate.isConnected = true;
    this.#connected++;
  }

  /** The connection ended. `wasUseful` when it brought payload. */
  onClosed(candidate: PeerCandidate, retry: Retry, wasUseful: boolean, now: number): void {
    if (candidate.isConnected) {
      candidate.isConnected = false;
      this.#connected--;
    }
    if (candidate.source === 'incoming') {
      this.#forget(candidate, retry === 'ban');
      return;
    }
    if (retry === 'never' || retry === 'ban') {
      candidate.isSpent = true;
      return;
    }
    if (wasUseful) candidate.failures = 0;
    const waitMs = Math.min(RETRY_FIRST_MS * RETRY_FACTOR ** candidate.failures, RETRY_MAX_MS);
    candidate.retryAt = now + (retry === 'soon' && wasUseful ? RETRY_FIRST_MS / 10 : waitMs);
    candidate.failures++;
  }

  #insert(key: string, endpoint: Endpoint, source: PeerSource): PeerCandidate {
    const candidate = new PeerCandidate(this.#nextNumber++, endpoint, source);
    this.#byKey.set(key, candidate);
    this.#byNumber.set(candidate.number, candidate);
    return candidate;
  }

  /** A past incoming peer leaves the table of addresses; its number stays known while it may still be blamed. */
  #forget(candidate: PeerCandidate, isFinal: boolean): void {
    this.#byKey.delete(formatEndpoint(candidate.endpoint));
    if (isFinal) this.#byNumber.delete(candidate.number);
    else this.#trimNumbers();
  }

  #trimNumbers(): void {
    if (this.#byNumber.size <= 2 * MAX_CANDIDATES) return;
    for (const [number, candidate] of this.#byNumber) {
      if (candidate.isConnected || this.#byKey.get(formatEndpoint(candidate.endpoint)) === candidate)
        continue;
      this.#byNumber.delete(number);
      if (this.#byNumber.size <= MAX_CANDIDATES) return;
    }
  }

  /** Makes room by forgetting the candidate with the most failures; false when all are connected or fresh. */
  #forgetWorst(): boolean {
    let worst: PeerCandidate | null = null;
    for (const candidate of this.#byKey.values()) {
      if (candidate.isConnected || candidate.source === 'user') continue;
      if (!candidate.isSpent && candidate.failures === 0) continue;
      if (worst === null || candidate.isSpent || candidate.failures > worst.failures) worst = candidate;
      if (worst.isSpent) break;
    }
    if (worst === null) return false;
    this.#byKey.delete(formatEndpoint(worst.endpoint));
    this.#byNumber.delete(worst.number);
    return true;
  }
}

function isBelievable(endpoint: Endpoint, source: PeerSource, sourceAddress: string | null): boolean {
  if (endpoint.port < 1 || endpoint.port > 65535 || isUnusable(endpoint.address)) return false;
  // What was good to us in an earlier session was believed then.
  if (source === 'user' || source === 'resume') return true;
  const isNear = isLoopback(endpoint.address) || isLinkLocal(endpoint.address);
  if (!isNear) return true;
  return sourceAddress !== null && (isLoopback(sourceAddress) || isLinkLocal(sourceAddress));
}
