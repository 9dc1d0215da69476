import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressEvent } from '../../test/cli/fake/progress-event.ts';
import type { ProgressEvent } from '../client/index.ts';
import { StallWatch } from './stall-watch.ts';

/** The second at which the watch gives up, or null; `world` says what a second looks like. */
function givesUpAt(world: (second: number) => Partial<ProgressEvent>): number | null {
  const watch = new StallWatch(5000);
  for (let second = 0; second < 30; second++) {
    const time = new Date(second * 1000).toISOString();
    if (watch.onEvent({ ...progressEvent(world(second)), time })) return second;
  }
  return null;
}

test('it gives up when nothing came for the whole time', () => {
  assert.equal(
    givesUpAt((second) => ({ idleMs: second * 1000 })),
    5,
  );
  assert.equal(
    givesUpAt((second) => ({ idleMs: (second % 5) * 1000 })),
    null,
  );
});

test('the time of checking does not count', () => {
  const world = (second: number): Partial<ProgressEvent> => ({
    state: second < 10 ? 'checking' : 'downloading',
    idleMs: second * 1000,
  });
  assert.equal(givesUpAt(world), 15);
});

test('a torrent that needs nothing more never stalls', () => {
  assert.equal(
    givesUpAt((second) => ({ state: 'complete', idleMs: second * 1000 })),
    null,
  );
});
