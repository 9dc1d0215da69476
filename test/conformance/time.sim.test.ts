/** Runs the clock's conformance suite against virtual time. */
import assert from 'node:assert/strict';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { SimTime } from '../../src/sim/sim-time.ts';
import { type TimeWorld, timeConformance } from './time.ts';

/** More virtual time than any test may take. */
const DEADLINE_MS = 600_000;

function createWorld(origin: number): TimeWorld {
  const scheduler = new Scheduler();
  const time = new SimTime(scheduler, { origin, wallClockOrigin: 1_700_000_000_000 });
  return {
    time,
    advance: async (ms) => scheduler.advance(ms),
    advanceUntil: async (predicate) => {
      assert.equal(scheduler.run(predicate, DEADLINE_MS), 'done', `never: ${predicate}`);
    },
    close: async () => {
      time.stop();
      assert.equal(time.isPending, false);
    },
  };
}

timeConformance('simulated', async () => createWorld(0));
timeConformance('simulated (of another origin)', async () => createWorld(987_654_321));
