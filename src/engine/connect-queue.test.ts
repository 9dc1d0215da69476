import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectQueue } from './connect-queue.ts';
import { DIALS_PER_SECOND, FRESH_DIAL_MS, MAX_FRESH_DIALS } from './limits.ts';

function takeAll(queue: ConnectQueue, firstId: number, now: number): number {
  let taken = 0;
  while (queue.tryTake(firstId + taken, now)) taken++;
  return taken;
}

test('a burst is bounded, then dials follow the rate', () => {
  const queue = new ConnectQueue(0, 4000);
  assert.equal(takeAll(queue, 1, 0), MAX_FRESH_DIALS);
  for (let id = 1; id <= MAX_FRESH_DIALS; id++) queue.onDialEnded(id);
  assert.equal(takeAll(queue, 1000, 1000), DIALS_PER_SECOND);
});

test('dials that are never answered hold others back only while they are fresh', () => {
  const queue = new ConnectQueue(0, 4000);
  takeAll(queue, 1, 0);
  assert.equal(queue.tryTake(5000, FRESH_DIAL_MS - 1), false);
  assert.equal(queue.tryTake(5000, FRESH_DIAL_MS), true);
});

test('all connections together are bounded', () => {
  const queue = new ConnectQueue(0, 2);
  queue.open = 2;
  assert.equal(queue.hasRoom, false);
  assert.equal(queue.tryTake(1, 0), false);
  queue.open = 1;
  assert.equal(queue.tryTake(1, 0), true);
});
