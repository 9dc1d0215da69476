/** The first simulated swarm: the engine and the disk core as they are, in virtual time, from one number. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFirstSwarm, runFirstSwarm } from './first-swarm.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('three seeds of which one dies and one lies', () => {
  const digests = new Map<number, string>();

  for (const seed of SEEDS) {
    test(`the leech finishes with the right data, and only the liar is banned (seed ${seed})`, () => {
      const swarm = createFirstSwarm(seed);
      const result = runFirstSwarm(swarm);
      assert.ok(result.isComplete, 'complete in bounded time');
      assert.deepEqual(result.violations, []);
      assert.ok(swarm.dying.isDead, 'one died');
      assert.ok(swarm.liar.corruptBlocks > 0, 'one lied');
      assert.ok(result.liarIsBanned);
      assert.ok(result.records > 100, 'the trace has seen the swarm');
      digests.set(seed, result.digest);
    });
  }

  test('the same seed gives the same trace', () => {
    for (const seed of SEEDS.slice(0, 3)) {
      assert.equal(runFirstSwarm(createFirstSwarm(seed)).digest, digests.get(seed), `seed ${seed}`);
    }
  });

  test('different seeds give different traces', () => {
    assert.equal(new Set(digests.values()).size, SEEDS.length);
  });

  test('the tracker hears started, completed and stopped, with the true counters', () => {
    const swarm = createFirstSwarm(1);
    runFirstSwarm(swarm);
    const { announces } = swarm.tracker;
    assert.deepEqual(
      announces.map((announce) => announce.event),
      ['started', 'completed', 'stopped'],
    );
    const { totalLength } = swarm.torrent.metainfo;
    assert.deepEqual(
      announces.map((announce) => announce.left),
      [totalLength, 0, 0],
    );
    assert.ok(announces[2]!.downloaded >= totalLength);
    assert.ok(announces.every((announce) => announce.port === 6881));
  });
});
