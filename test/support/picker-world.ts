/**
 * Owns a drawn world for the tests of the picker: pieces as characters, peers as strings of what they have.
 *
 *   have:   '#' the peer has the piece, '.' it does not
 *   state:  '.' missing, 'v' verified, '-' not wanted
 */
import { BitSet } from '../../src/base/bit-set.ts';
import { BLOCK_LENGTH, type PieceIndex } from '../../src/base/numbers.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { Availability } from '../../src/engine/availability.ts';
import { type PickerPeer, PiecePicker } from '../../src/engine/piece-picker.ts';
import { type PartialPiece, PieceStates } from '../../src/engine/piece-states.ts';
import { FileLayout } from '../../src/protocol/metainfo/file-layout.ts';

export class DrawnPeer implements PickerPeer {
  readonly connectionId: number;
  readonly have: BitSet;
  downloadRate = 0;
  isSnubbed = false;
  peerChoking = false;
  get isIdle(): boolean {
    return this.owed.size === 0;
  }

  allowedFast: PieceIndex[] = [];
  currentPiece: PartialPiece | null = null;
  exhaustedAt = -1;
  readonly owed = new Set<string>();

  constructor(connectionId: number, drawing: string) {
    this.connectionId = connectionId;
    this.have = bits(drawing, '#');
  }

  owes(piece: PieceIndex, block: number): boolean {
    return this.owed.has(`${piece}:${block}`);
  }
}

export interface DrawnWorld {
  /** One character a piece. */
  readonly state: string;
  readonly peers: readonly string[];
  readonly blocksPerPiece?: number;
  readonly seed?: number;
}

export class PickerWorld {
  readonly states: PieceStates;
  readonly availability: Availability;
  readonly picker: PiecePicker;
  readonly peers: DrawnPeer[];
  now = 0;

  constructor(drawn: DrawnWorld) {
    const pieceLength = BLOCK_LENGTH * (drawn.blocksPerPiece ?? 2);
    const layout = new FileLayout([pieceLength * drawn.state.length], pieceLength);
    const wanted = bits(drawn.state, '.');
    const verified = bits(drawn.state, 'v');
    for (let piece = 0; piece < drawn.state.length; piece++) if (verified.has(piece)) wanted.add(piece);
    this.states = new PieceStates(layout, verified, wanted);
    this.availability = new Availability(drawn.state.length);
    this.picker = new PiecePicker(this.states, this.availability, new SeededRandom(drawn.seed ?? 1));
    this.peers = drawn.peers.map((drawing, index) => new DrawnPeer(index + 1, drawing));
    for (const peer of this.peers) this.availability.incrementAll(peer.have);
  }

  /** Picks for a peer and requests: `piece:block`, with `*` behind a duplicate, or null. */
  ask(peer: DrawnPeer): string | null {
    const partial = this.picker.pickOpen(peer);
    if (partial !== null) return this.#request(peer, partial, partial.nextOpen(), '');
    const choice = { partial: null as PartialPiece | null, block: 0 };
    if (!this.picker.pickDuplicate(peer, this.now, choice)) return null;
    return this.#request(peer, choice.partial!, choice.block, '*');
  }

  askAll(peer: DrawnPeer, count: number): (string | null)[] {
    return Array.from({ length: count }, () => this.ask(peer));
  }

  /** The block arrives; true when the piece is whole, which then verifies. */
  arrive(peer: DrawnPeer, piece: number, block: number): boolean {
    const partial = this.states.partialOf(piece as PieceIndex)!;
    const isWhole = this.states.receive(partial, block, peer.connectionId);
    if (peer.owed.delete(`${piece}:${block}`)) this.states.unrequest(partial, block);
    if (isWhole) {
      this.states.beginHash(partial);
      this.states.verify(partial.piece);
    }
    this.states.checkInvariants();
    this.availability.checkInvariants();
    return isWhole;
  }

  /** The peer goes: what it owed is open again. */
  leave(peer: DrawnPeer): void {
    for (const owed of peer.owed) {
      const [piece, block] = owed.split(':').map(Number) as [PieceIndex, number];
      const partial = this.states.partialOf(piece);
      if (partial !== undefined && this.states.unrequest(partial, block)) this.picker.onMissing(piece);
    }
    peer.owed.clear();
    this.picker.disown(peer.connectionId);
    this.availability.decrementAll(peer.have);
    this.states.checkInvariants();
    this.availability.checkInvariants();
  }

  #request(peer: DrawnPeer, partial: PartialPiece, block: number, mark: string): string {
    this.states.request(partial, block, this.now);
    peer.owed.add(`${partial.piece}:${block}`);
    return `${partial.piece}:${block}${mark}`;
  }
}

function bits(drawing: string, mark: string): BitSet {
  const set = new BitSet(drawing.length);
  for (let i = 0; i < drawing.length; i++) if (drawing[i] === mark) set.add(i);
  return set;
}
