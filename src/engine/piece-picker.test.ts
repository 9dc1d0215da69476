import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PickerWorld } from '../../test/support/picker-world.ts';
import type { PieceIndex } from '../base/numbers.ts';

const FAST = 10_000_000;

test('after the first pieces the rarest piece that the peer has comes first', () => {
  // availability 3 2 1 2 of the four missing pieces
  const world = new PickerWorld({
    state: 'vvvv....',
    peers: ['####..##', '....##..', '....####', '....#...'],
  });
  const [, , third] = world.peers;
  assert.deepEqual(world.askAll(third!, 2), ['6:0', '6:1']);
});

test('the first pieces are random, not rarest: different seeds begin differently', () => {
  const firsts = new Set<string | null>();
  for (let seed = 1; seed <= 20; seed++) {
    const world = new PickerWorld({ state: '........', peers: ['########', '#######.'], seed });
    firsts.add(world.ask(world.peers[0]!));
  }
  assert.ok(firsts.size > 3, `${firsts.size} different first blocks in 20 runs`);
});

test('among equally rare pieces the choice is random', () => {
  const picks = new Set<string | null>();
  for (let seed = 1; seed <= 20; seed++) {
    const world = new PickerWorld({ state: 'vvvv........', peers: ['############'], seed });
    picks.add(world.ask(world.peers[0]!));
  }
  assert.ok(picks.size > 4, `${picks.size} different pieces in 20 runs`);
});

test('a peer is never asked for a piece that it lacks, that is verified or not wanted', () => {
  const world = new PickerWorld({ state: 'v-..', peers: ['###.'] });
  assert.deepEqual(world.askAll(world.peers[0]!, 3), ['2:0', '2:1', null]);
});

test('a peer goes on with its piece before it starts another', () => {
  const world = new PickerWorld({ state: 'vvvv....', peers: ['########'], blocksPerPiece: 4 });
  const [peer] = world.peers;
  const pieces = world.askAll(peer!, 8).map((pick) => pick!.split(':')[0]);
  assert.equal(new Set(pieces.slice(0, 4)).size, 1);
  assert.equal(new Set(pieces).size, 2);
});

test('two fast peers work on pieces of their own, two slow ones share', () => {
  const drawn = { state: 'vvvv....', peers: ['########', '########'], blocksPerPiece: 4 };
  const fast = new PickerWorld(drawn);
  for (const peer of fast.peers) peer.downloadRate = FAST;
  const a = fast.ask(fast.peers[0]!)!.split(':')[0];
  const b = fast.ask(fast.peers[1]!)!.split(':')[0];
  assert.notEqual(a, b);
  const slow = new PickerWorld(drawn);
  const c = slow.ask(slow.peers[0]!)!.split(':')[0];
  assert.equal(slow.ask(slow.peers[1]!), `${c}:1`);
});

test('a slow peer does not join the piece of a fast one while there are others to start', () => {
  const world = new PickerWorld({ state: 'vvvv..', peers: ['######', '######'], blocksPerPiece: 4 });
  const [fast, slow] = world.peers;
  fast!.downloadRate = FAST;
  const own = world.ask(fast!)!.split(':')[0];
  assert.notEqual(world.ask(slow!)!.split(':')[0], own);
});

test('when nothing is left to start, a peer helps with the piece of another', () => {
  const world = new PickerWorld({ state: 'vvvv.', peers: ['#####', '#####'], blocksPerPiece: 4 });
  const [fast, slow] = world.peers;
  fast!.downloadRate = FAST;
  assert.equal(world.ask(fast!), '4:0');
  assert.equal(world.ask(slow!), '4:1');
});

test('a piece left behind by a lost peer is finished first, with what was received kept', () => {
  const world = new PickerWorld({ state: 'vvvv....', peers: ['########', '########'], blocksPerPiece: 3 });
  const [lost, other] = world.peers;
  const piece = Number(world.askAll(lost!, 3)[0]!.split(':')[0]);
  world.arrive(lost!, piece, 0);
  world.leave(lost!);
  assert.deepEqual(world.askAll(other!, 2), [`${piece}:1`, `${piece}:2`]);
});

test('a piece of which nothing was received goes back to missing with its last requester', () => {
  const world = new PickerWorld({ state: 'vvvv..', peers: ['######', '######'] });
  world.ask(world.peers[0]!);
  assert.equal(world.states.partials.length, 1);
  world.leave(world.peers[0]!);
  assert.equal(world.states.partials.length, 0);
  assert.equal(world.availability.startableCount, 2);
});

test('endgame begins when no block is open anywhere, and asks again only for blocks that are late', () => {
  const world = new PickerWorld({ state: 'vvvv.', peers: ['#####', '#####'] });
  const [first, second] = world.peers;
  assert.deepEqual(world.askAll(first!, 2), ['4:0', '4:1']);
  assert.equal(world.picker.isEndgame, true);
  assert.equal(world.ask(second!), null);
  world.now = 5000;
  assert.deepEqual(world.askAll(second!, 3), ['4:0*', '4:1*', null]);
});

test('in the endgame nobody is asked for a block that it owes already, nor a snubbing peer for a duplicate', () => {
  const world = new PickerWorld({ state: 'vvvv.', peers: ['#####', '#####'] });
  const [first, second] = world.peers;
  world.askAll(first!, 2);
  world.now = 60_000;
  assert.equal(world.ask(first!), null);
  second!.isSnubbed = true;
  assert.equal(world.ask(second!), null);
});

test('a choking peer is asked only for the pieces that it allows', () => {
  const world = new PickerWorld({ state: 'vvvv....', peers: ['########'] });
  const [peer] = world.peers;
  peer!.peerChoking = true;
  assert.equal(world.ask(peer!), null);
  peer!.allowedFast = [2 as PieceIndex, 6 as PieceIndex];
  assert.deepEqual(world.askAll(peer!, 3), ['6:0', '6:1', null]);
});

test('a piece that failed its hash is fetched by one peer at a time', () => {
  const world = new PickerWorld({ state: 'vvvv.', peers: ['#####', '#####'] });
  const [first, second] = world.peers;
  const piece = 4 as PieceIndex;
  world.askAll(first!, 2);
  const partial = world.states.partialOf(piece)!;
  for (const block of [0, 1]) {
    world.states.receive(partial, block, first!.connectionId);
    world.states.unrequest(partial, block);
  }
  first!.owed.clear();
  world.states.beginHash(partial);
  world.states.fail(piece);
  world.picker.onMissing(piece);
  assert.equal(world.ask(second!), '4:0');
  assert.equal(world.ask(first!), null);
  assert.equal(world.ask(second!), '4:1');
  world.leave(second!);
  assert.deepEqual(world.askAll(first!, 2), ['4:0', '4:1']);
});

test('whatever peers come, go and deliver, every piece is verified in the end and no state is lost', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const pieces = 24;
    const world = new PickerWorld({
      state: '.'.repeat(pieces),
      peers: Array.from({ length: 6 }, () => '#'.repeat(pieces)),
      blocksPerPiece: 3,
      seed,
    });
    let chance = seed;
    const random = (): number => {
      chance = (Math.imul(chance, 1103515245) + 12345) >>> 0;
      return chance / 2 ** 32;
    };
    const alive = [...world.peers];
    for (let step = 0; step < 5000 && !world.states.verified.isFull; step++) {
      world.now += 100;
      const peer = alive[Math.floor(random() * alive.length)]!;
      if (random() < 0.02 && alive.length > 1) {
        world.leave(peer);
        alive.splice(alive.indexOf(peer), 1);
      } else if (random() < 0.5 || peer.owed.size === 0) world.ask(peer);
      else deliver(world, peer);
    }
    assert.equal(world.states.verified.isFull, true, `seed ${seed}`);
  }
});

/** The oldest block that the peer owes arrives; others that owe it too are let off. */
function deliver(world: PickerWorld, peer: (typeof world.peers)[number]): void {
  const [owed] = peer.owed;
  const [piece, block] = owed!.split(':').map(Number) as [number, number];
  for (const other of world.peers) {
    if (other === peer || !other.owed.delete(owed!)) continue;
    world.states.unrequest(world.states.partialOf(piece as PieceIndex)!, block);
  }
  world.arrive(peer, piece, block);
}
