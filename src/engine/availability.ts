/**
 * Owns how many connected peers have each piece, and the pieces that nobody has started yet in the order of
 * that number, rarest first.
 *
 * Seeds are counted apart, so that a seed that comes or goes costs one addition. `#order` holds the startable pieces
 * (wanted, missing) grouped by availability; `#starts[a]` is where the group of availability `a` begins. A piece that
 * gains or loses one peer moves to the neighbouring group by one swap. Invariants: `#order[#place[p]] === p` for every
 * startable piece, `#place[p] === -1` for every other; groups are adjacent and in rising order.
 * Hot file: typed arrays, nothing allocated after construction but a larger table of groups.
 */
import { assert } from '../base/assert.ts';
import type { BitSet } from '../base/bit-set.ts';
import type { PieceIndex } from '../base/numbers.ts';
import type { Random } from '../base/random.ts';

export class Availability {
  readonly pieceCount: number;
  seedCount = 0;
  /** Rises whenever a piece became startable or a peer may have gained one: a failed search may succeed now. */
  version = 0;
  readonly #counts: Uint16Array;
  readonly #order: Int32Array;
  readonly #place: Int32Array;
  #size = 0;
  /** Group starts by availability; the entry behind the last group is `#size`. */
  #starts = new Int32Array(8);

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount;
    this.#counts = new Uint16Array(pieceCount);
    this.#order = new Int32Array(pieceCount);
    this.#place = new Int32Array(pieceCount).fill(-1);
  }

  /** Connected peers that have the piece, seeds included. */
  of(piece: PieceIndex): number {
    return this.#counts[piece]! + this.seedCount;
  }

  /** Pieces that may be started. */
  get startableCount(): number {
    return this.#size;
  }

  /** Availability of the rarest startable piece; Infinity when there is none. */
  get rarestCount(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.of(this.#order[0]! as PieceIndex);
  }

  /** How many peers have each piece, 255 for more. */
  snapshot(): Uint8Array {
    const counts = new Uint8Array(this.pieceCount);
    for (let piece = 0; piece < this.pieceCount; piece++) {
      counts[piece] = Math.min(255, this.of(piece as PieceIndex));
    }
    return counts;
  }

  isStartable(piece: PieceIndex): boolean {
    return this.#place[piece]! >= 0;
  }

  /** A peer that is no seed has the piece. */
  increment(piece: PieceIndex): void {
    const count = this.#counts[piece]!;
    assert(count < 0xffff, 'availability counts peers');
    this.#counts[piece] = count + 1;
    this.version++;
    if (this.#starts.length < count + 4) this.#growGroups(count + 4);
    if (this.#place[piece]! < 0) return;
    // The last of its group becomes the first of the next.
    const last = this.#starts[count + 1]! - 1;
    this.#swap(this.#place[piece]!, last);
    this.#starts[count + 1] = last;
  }

  /** A peer that is no seed went away or lost the piece. */
  decrement(piece: PieceIndex): void {
    const count = this.#counts[piece]!;
    assert(count > 0, 'availability below zero');
    this.#counts[piece] = count - 1;
    if (this.#place[piece]! < 0) return;
    const first = this.#starts[count]!;
    this.#swap(this.#place[piece]!, first);
    this.#starts[count] = first + 1;
  }

  incrementAll(pieces: BitSet): void {
    for (let p = pieces.nextSet(0); p >= 0; p = pieces.nextSet(p + 1)) this.increment(p as PieceIndex);
  }

  decrementAll(pieces: BitSet): void {
    for (let p = pieces.nextSet(0); p >= 0; p = pieces.nextSet(p + 1)) this.decrement(p as PieceIndex);
  }

  /** The piece may be started: it is wanted and missing. */
  insert(piece: PieceIndex): void {
    assert(this.#place[piece] === -1, 'a piece is startable once');
    const count = this.#counts[piece]!;
    // Open a gap at the end of its group: each later group gives its first place and takes one behind its last.
    let gap = this.#size;
    for (let group = this.#starts.length - 1; group > count; group--) {
      const start = this.#starts[group]!;
      if (start !== gap) {
        const moved = this.#order[start]!;
        this.#order[gap] = moved;
        this.#place[moved] = gap;
        gap = start;
      }
      this.#starts[group] = start + 1;
    }
    this.#order[gap] = piece;
    this.#place[piece] = gap;
    this.#size++;
    this.version++;
  }

  /** The piece was started, or is no longer wanted. */
  remove(piece: PieceIndex): void {
    let gap = this.#place[piece]!;
    assert(gap >= 0, 'only a startable piece is removed');
    const count = this.#counts[piece]!;
    for (let group = count + 1; group < this.#starts.length; group++) {
      const last = this.#starts[group]! - 1;
      if (last !== gap) {
        const moved = this.#order[last]!;
        this.#order[gap] = moved;
        this.#place[moved] = gap;
        gap = last;
      }
      this.#starts[group] = last;
    }
    this.#place[piece] = -1;
    this.#size--;
  }

  /**
   * A startable piece out of `have` with the lowest availability, a random one among equals; -1 when there is none.
   * The first group that has one wins, so peers of one swarm do not run after the same piece.
   */
  rarest(have: BitSet, random: Random): PieceIndex | -1 {
    for (let start = 0; start < this.#size; ) {
      const count = this.#counts[this.#order[start]!]!;
      const end = Math.min(this.#groupEnd(count), this.#size);
      const found = this.#pickFrom(start, end, have, random);
      if (found >= 0) return found as PieceIndex;
      start = end;
    }
    return -1;
  }

  /** A startable piece out of `have`, any with equal chance of the starting point; -1 when there is none. */
  anyOf(have: BitSet, random: Random): PieceIndex | -1 {
    return this.#pickFrom(0, this.#size, have, random) as PieceIndex | -1;
  }

  #pickFrom(start: number, end: number, have: BitSet, random: Random): number {
    const span = end - start;
    if (span === 0) return -1;
    const first = start + random.below(span);
    for (let i = first; i < end; i++) if (have.has(this.#order[i]!)) return this.#order[i]!;
    for (let i = start; i < first; i++) if (have.has(this.#order[i]!)) return this.#order[i]!;
    return -1;
  }

  #groupEnd(count: number): number {
    return count + 1 < this.#starts.length ? this.#starts[count + 1]! : this.#size;
  }

  #growGroups(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.#starts.length * 2));
    larger.set(this.#starts);
    larger.fill(this.#size, this.#starts.length);
    this.#starts = larger;
  }

  #swap(a: number, b: number): void {
    const pieceA = this.#order[a]!;
    const pieceB = this.#order[b]!;
    this.#order[a] = pieceB;
    this.#order[b] = pieceA;
    this.#place[pieceB] = a;
    this.#place[pieceA] = b;
  }

  /** Throws unless the invariants hold. For tests: it walks everything. */
  checkInvariants(): void {
    let previous = 0;
    for (let i = 0; i < this.#size; i++) {
      const piece = this.#order[i]!;
      assert(this.#place[piece] === i, 'place of a startable piece');
      const count = this.#counts[piece]!;
      assert(count >= previous, 'groups rise');
      assert(i >= this.#starts[count]! && i < this.#groupEnd(count), 'a piece lies in its group');
      previous = count;
    }
  }
}
