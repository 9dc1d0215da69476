/**
 * Owns one decision: which peers may download from us until the next round.
 *
 * While downloading it pays back: the interested peers that send us most are unchoked, and a peer that owes us blocks
 * and sends none is not (anti-snubbing). While seeding the slots go round: who is unchoked stays until it got its share
 * of the round, then the one that waited longest comes. In both, one slot in five (one at least) is optimistic:
 * regardless of rates, to the peer that has waited longest for one, for `OPTIMISTIC_MS`. Peers that are not interested hold
 * no slot. Pure: it changes nothing but its memory of optimistic turns.
 */
import type { Random } from '../base/random.ts';

/** Time between decisions (BEP 3: ten seconds). */
export const CHOKE_ROUND_MS = 10_000;
/** An optimistic unchoke lasts three rounds (BEP 3). */
export const OPTIMISTIC_MS = 30_000;
/** While seeding, a peer keeps its slot for this long at least and until it got this much. */
const SEED_TURN_MS = 30_000;
const SEED_TURN_BYTES = 8 * 1024 * 1024;
/** One slot in this many is optimistic. */
const SLOTS_PER_OPTIMISTIC = 5;

/** What the choker must know of a peer. */
export interface ChokerPeer {
  readonly connectionId: number;
  readonly peerInterested: boolean;
  readonly isSnubbed: boolean;
  readonly amChoking: boolean;
  /** Payload rate to us, bytes a second. */
  readonly downloadRate: number;
  /** Payload that we sent since the last unchoke. */
  readonly sentSinceUnchoke: number;
  /** When we last changed between choking and not choking it. */
  readonly chokeChangedAt: number;
}

export interface ChokeRound {
  readonly isSeeding: boolean;
  /** Peers that may be unchoked at once, optimistic ones included. */
  readonly slots: number;
  readonly now: number;
}

interface OptimisticTurn {
  since: number;
  until: number;
}

export class Choker {
  readonly #random: Random;
  /** Last optimistic turn by connection number. */
  readonly #turns = new Map<number, OptimisticTurn>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** The peers to be unchoked until the next round; all others are to be choked. */
  decide(peers: readonly ChokerPeer[], round: ChokeRound): Set<ChokerPeer> {
    const interested = peers.filter((peer) => peer.peerInterested);
    if (interested.length <= round.slots) return new Set(interested);
    const optimisticCount = Math.max(1, Math.floor(round.slots / SLOTS_PER_OPTIMISTIC));
    const chosen = new Set<ChokerPeer>();
    const ranked = round.isSeeding ? rankForSeeding(interested, round.now) : rankForLeeching(interested);
    for (const peer of ranked) {
      if (chosen.size >= round.slots - optimisticCount) break;
      chosen.add(peer);
    }
    this.#addOptimistic(interested, chosen, round);
    return chosen;
  }

  /** The connection is gone. */
  forget(connectionId: number): void {
    this.#turns.delete(connectionId);
  }

  /** Fills the remaining slots: running turns go on, then those who waited longest, newcomers first. */
  #addOptimistic(interested: readonly ChokerPeer[], chosen: Set<ChokerPeer>, round: ChokeRound): void {
    const waiting: { peer: ChokerPeer; key: number; tie: number }[] = [];
    for (const peer of interested) {
      if (chosen.has(peer)) continue;
      const turn = this.#turns.get(peer.connectionId);
      const isRunning = turn !== undefined && turn.until > round.now;
      const key = isRunning ? Number.NEGATIVE_INFINITY : (turn?.since ?? -1);
      waiting.push({ peer, key, tie: this.#random.uint32() });
    }
    waiting.sort((a, b) => (a.key === b.key ? a.tie - b.tie : a.key < b.key ? -1 : 1));
    for (const { peer, key } of waiting) {
      if (chosen.size >= round.slots) return;
      chosen.add(peer);
      if (key === Number.NEGATIVE_INFINITY) continue;
      this.#turns.set(peer.connectionId, { since: round.now, until: round.now + OPTIMISTIC_MS });
    }
  }
}

/** Best payers first; who snubs us is out, who sends nothing has to hope for an optimistic turn. */
function rankForLeeching(interested: readonly ChokerPeer[]): ChokerPeer[] {
  return interested
    .filter((peer) => !peer.isSnubbed && peer.downloadRate > 0)
    .sort((a, b) => b.downloadRate - a.downloadRate || a.connectionId - b.connectionId);
}

/** Those in the middle of their turn first, then whoever waited longest, then those whose turn is over. */
function rankForSeeding(interested: readonly ChokerPeer[], now: number): ChokerPeer[] {
  const group = (peer: ChokerPeer): number => {
    if (peer.amChoking) return 1;
    const isOver = now - peer.chokeChangedAt >= SEED_TURN_MS && peer.sentSinceUnchoke >= SEED_TURN_BYTES;
    return isOver ? 2 : 0;
  };
  return [...interested].sort(
    (a, b) => group(a) - group(b) || a.chokeChangedAt - b.chokeChangedAt || a.connectionId - b.connectionId,
  );
}
