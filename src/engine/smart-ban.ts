/**
 * Owns one decision: who sent the bad block of a piece that failed its hash.
 *
 * When all blocks came from one contributor, the blame is certain at once. Otherwise the digests of the bad copy's blocks
 * are kept; when the piece is fetched again and verifies, a block whose digest differs names its sender, and only
 * it. Digests are asked of the disk before the piece is fetched again, so they describe the bad copy.
 * Invariants: at most `MAX_SUSPECT_PIECES` pieces and `MAX_FAILED_COPIES` copies of each are remembered.
 */
import { rangeEqual } from '../base/bytes.ts';
import type { PieceIndex } from '../base/numbers.ts';
import { MAX_FAILED_COPIES, MAX_SUSPECT_PIECES } from './limits.ts';
import { FORGOTTEN_CONTRIBUTOR, NO_CONTRIBUTOR } from './piece-states.ts';

const DIGEST_LENGTH = 20;

/** What the decider does to the world. */
export interface SmartBanWorld {
  /** Ask the disk for the digests of the piece's blocks as they are now; `onDigests` follows. */
  requestDigests(piece: PieceIndex): void;
  /** This contributor sent bad data. */
  blame(contributor: number, piece: PieceIndex): void;
}

interface FailedCopy {
  readonly contributors: Int32Array;
  /** Null until the disk answered. */
  digests: Uint8Array | null;
}

interface Suspect {
  readonly copies: FailedCopy[];
  /** The piece verified; waiting for the digests of the good copy. */
  isVerified: boolean;
}

export class SmartBan {
  readonly #world: SmartBanWorld;
  /** In order of first failure. */
  readonly #suspects = new Map<PieceIndex, Suspect>();

  constructor(world: SmartBanWorld) {
    this.#world = world;
  }

  /** The piece failed its hash; block `b` came from `contributors[b]`, which becomes this object's own. */
  onFailed(piece: PieceIndex, contributors: Int32Array): void {
    const only = soleContributor(contributors);
    if (only !== NO_CONTRIBUTOR) {
      this.#world.blame(only, piece);
      return;
    }
    const suspect = this.#suspectFor(piece);
    if (suspect.copies.length >= MAX_FAILED_COPIES) suspect.copies.shift();
    suspect.copies.push({ contributors, digests: null });
    this.#world.requestDigests(piece);
  }

  /** The piece verified. */
  onVerified(piece: PieceIndex): void {
    const suspect = this.#suspects.get(piece);
    if (suspect === undefined) return;
    suspect.isVerified = true;
    this.#world.requestDigests(piece);
  }

  /** The answer to `requestDigests`, in order of the requests of one piece; empty when the disk failed. */
  onDigests(piece: PieceIndex, digests: Uint8Array): void {
    const suspect = this.#suspects.get(piece);
    if (suspect === undefined) return;
    for (const copy of suspect.copies) {
      if (copy.digests !== null) continue;
      copy.digests = digests;
      return;
    }
    if (!suspect.isVerified) return;
    this.#suspects.delete(piece);
    for (const copy of suspect.copies) this.#compare(piece, copy, digests);
  }

  #compare(piece: PieceIndex, copy: FailedCopy, good: Uint8Array): void {
    if (copy.digests === null || copy.digests.length !== good.length) return;
    const blamed = new Set<number>();
    for (let block = 0; block < copy.contributors.length; block++) {
      const contributor = copy.contributors[block]!;
      if (contributor < 0 || blamed.has(contributor)) continue;
      const start = block * DIGEST_LENGTH;
      if (rangeEqual(copy.digests, good, start, start + DIGEST_LENGTH)) continue;
      blamed.add(contributor);
      this.#world.blame(contributor, piece);
    }
  }

  #suspectFor(piece: PieceIndex): Suspect {
    const known = this.#suspects.get(piece);
    if (known !== undefined) return known;
    if (this.#suspects.size >= MAX_SUSPECT_PIECES) {
      for (const oldest of this.#suspects.keys()) {
        this.#suspects.delete(oldest);
        break;
      }
    }
    const suspect: Suspect = { copies: [], isVerified: false };
    this.#suspects.set(piece, suspect);
    return suspect;
  }
}

/** The one contributor of all blocks, padding aside, or `NO_CONTRIBUTOR`. */
function soleContributor(contributors: Int32Array): number {
  let only = NO_CONTRIBUTOR;
  for (let block = 0; block < contributors.length; block++) {
    const contributor = contributors[block]!;
    if (contributor === NO_CONTRIBUTOR || contributor === only) continue;
    if (only !== NO_CONTRIBUTOR || contributor === FORGOTTEN_CONTRIBUTOR) return NO_CONTRIBUTOR;
    only = contributor;
  }
  return only;
}
