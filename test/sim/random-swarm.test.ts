/** Random swarms: each seed is another world with other faults, and the leech must finish in all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRandomSwarm } from './random-swarm.ts';

const SEED_COUNT = 40;
/** Every so many seeds one runs twice. */
const TWICE_EVERY = 8;

for (let seed = 1; seed <= SEED_COUNT; seed++) {
  test(`the leech of random swarm ${seed} finishes, and every checker agrees`, () => {
    const result = runRandomSwarm(seed);
    assert.deepEqual(result.violations, []);
    if (seed % TWICE_EVERY === 0) assert.equal(runRandomSwarm(seed).digest, result.digest, 'equal traces');
  });
}
