import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../base/random.ts';
import { CHOKE_ROUND_MS, Choker, type ChokerPeer, OPTIMISTIC_MS } from './choker.ts';

interface Drawn extends ChokerPeer {
  readonly name: string;
  amChoking: boolean;
  chokeChangedAt: number;
  sentSinceUnchoke: number;
}

let nextId = 1;

/** A peer that wants data and sends us `downloadRate`. */
function peer(name: string, downloadRate: number, more: Partial<ChokerPeer> = {}): Drawn {
  return {
    name,
    connectionId: nextId++,
    peerInterested: true,
    isSnubbed: false,
    amChoking: true,
    downloadRate,
    sentSinceUnchoke: 0,
    chokeChangedAt: 0,
    ...more,
  };
}

function names(peers: Iterable<ChokerPeer>): string {
  return [...peers]
    .map((p) => (p as Drawn).name)
    .sort()
    .join(' ');
}

const leeching = (slots: number, now = 0): { isSeeding: false; slots: number; now: number } => ({
  isSeeding: false,
  slots,
  now,
});

test('while there are slots for all who want something, all are unchoked', () => {
  const peers = [peer('a', 0), peer('b', 10), peer('bored', 99, { peerInterested: false })];
  assert.equal(names(new Choker(new SeededRandom(1)).decide(peers, leeching(4))), 'a b');
});

test('tit for tat: who sends us most is unchoked, and one of the rest by luck', () => {
  const peers = [peer('slow', 1), peer('best', 900), peer('none', 0), peer('good', 500), peer('fair', 300)];
  const unchoked = new Choker(new SeededRandom(1)).decide(peers, leeching(4));
  assert.equal(unchoked.size, 4);
  for (const name of ['best', 'good', 'fair']) assert.ok(names(unchoked).includes(name), name);
});

test('anti-snubbing: a peer that owes us blocks and sends none gets no slot of its own', () => {
  const peers = [peer('snub', 900, { isSnubbed: true }), ...'abcd'.split('').map((n, i) => peer(n, 100 - i))];
  const choker = new Choker(new SeededRandom(1));
  let optimistic = 0;
  for (let round = 0; round < 50; round++) {
    const unchoked = choker.decide(peers, leeching(3, round * OPTIMISTIC_MS));
    assert.ok(names(unchoked).includes('a b'), 'the two regular slots');
    if (names(unchoked).includes('snub')) optimistic++;
  }
  assert.ok(
    optimistic >= 12 && optimistic <= 22,
    `snub was optimistic ${optimistic} of 50 times, one in three`,
  );
});

test('an optimistic turn lasts three rounds, then another peer has it', () => {
  const peers = [peer('best', 9), ...'abcdef'.split('').map((n) => peer(n, 0))];
  const choker = new Choker(new SeededRandom(3));
  const holders: string[] = [];
  for (let now = 0; now < 6 * OPTIMISTIC_MS; now += CHOKE_ROUND_MS) {
    const [holder] = names(choker.decide(peers, leeching(2, now)))
      .split(' ')
      .filter((n) => n !== 'best');
    holders.push(holder!);
  }
  for (let turn = 0; turn < 6; turn++) {
    assert.equal(
      new Set(holders.slice(turn * 3, turn * 3 + 3)).size,
      1,
      `turn ${turn}: ${holders.join(' ')}`,
    );
  }
  assert.equal(new Set(holders).size, 6, 'each of the six had it once');
});

test('over hours the optimistic slot is shared fairly among twenty peers', () => {
  const peers = [peer('best', 9), ...Array.from({ length: 20 }, (_, i) => peer(`p${i}`, 0))];
  const choker = new Choker(new SeededRandom(5));
  const rounds = new Map<string, number>();
  for (let now = 0; now < 4 * 3_600_000; now += CHOKE_ROUND_MS) {
    for (const p of choker.decide(peers, leeching(2, now))) {
      rounds.set((p as Drawn).name, (rounds.get((p as Drawn).name) ?? 0) + 1);
    }
  }
  const shares = Array.from({ length: 20 }, (_, i) => rounds.get(`p${i}`) ?? 0);
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 3, `rounds of each: ${shares.join(' ')}`);
});

test('while seeding the slots go round: everybody gets a turn', () => {
  const peers = Array.from({ length: 12 }, (_, i) => peer(`p${i}`, 0));
  const choker = new Choker(new SeededRandom(7));
  const served = new Set<string>();
  for (let now = 0; now <= 6 * 60_000; now += CHOKE_ROUND_MS) {
    const unchoked = choker.decide(peers, { isSeeding: true, slots: 4, now });
    assert.equal(unchoked.size, 4);
    for (const p of peers) {
      const choking = !unchoked.has(p);
      if (choking !== p.amChoking) {
        p.amChoking = choking;
        p.chokeChangedAt = now;
        p.sentSinceUnchoke = 0;
      }
      if (!choking) {
        served.add(p.name);
        p.sentSinceUnchoke += 4 * 1024 * 1024;
      }
    }
  }
  assert.equal(served.size, 12);
});

test('while seeding a peer in the middle of its turn keeps its slot', () => {
  const busy = peer('busy', 0, { amChoking: false, chokeChangedAt: 50_000, sentSinceUnchoke: 1000 });
  const done = peer('done', 0, { amChoking: false, chokeChangedAt: 0, sentSinceUnchoke: 1e9 });
  const peers = [done, busy, peer('new', 0, { chokeChangedAt: 10_000 })];
  const unchoked = new Choker(new SeededRandom(1)).decide(peers, { isSeeding: true, slots: 2, now: 60_000 });
  assert.ok(names(unchoked).includes('busy'));
});
