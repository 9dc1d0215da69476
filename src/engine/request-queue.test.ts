import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import { REQUESTS_FIRST, REQUESTS_MAX, REQUESTS_MIN } from './limits.ts';
import { RequestQueue } from './request-queue.ts';

test('entries are found, released and removed from any place', () => {
  const queue = new RequestQueue();
  for (let block = 0; block < 5; block++) queue.push(7, block, block);
  assert.equal(queue.find(7, 3), 3);
  queue.remove(1);
  assert.equal(queue.find(7, 1), -1);
  assert.equal(queue.find(7, 3), 2);
  queue.release(queue.find(7, 3), false);
  assert.equal(queue.live, 3);
  assert.equal(queue.length, 4);
  queue.dropReleased();
  assert.equal(queue.length, 3);
  assert.equal(queue.find(7, 3), -1);
  assert.deepEqual(
    [0, 1, 2].map((index) => queue.blockAt(index)),
    [0, 2, 4],
  );
});

test('the ring wraps without losing the order', () => {
  const queue = new RequestQueue();
  for (let round = 0; round < 5000; round++) {
    queue.push(round, 1, round);
    queue.push(round, 2, round);
    assert.equal(queue.find(round, 1), 0);
    queue.remove(0);
    queue.remove(0);
  }
  assert.equal(queue.length, 0);
  assert.equal(queue.live, 0);
});

test('the depth grows by one for each block until the rate stops growing, then follows the rate', () => {
  const queue = new RequestQueue();
  assert.equal(queue.target, REQUESTS_FIRST);
  let now = 1;
  for (let i = 0; i < 100; i++) queue.onBlock(now, 1_000_000, 1000);
  assert.equal(queue.target, REQUESTS_FIRST + 100);
  now += 1001;
  queue.onBlock(now, 1_000_000, 1000); // no growth within a second: the ramp ends
  queue.onBlock(now, 1_000_000, 1000);
  assert.equal(queue.target, Math.ceil(2_000_000 / BLOCK_LENGTH));
});

test('the depth has a floor and a ceiling', () => {
  const queue = new RequestQueue();
  for (let i = 0; i < 2000; i++) queue.onBlock(1 + i * 1100, 1_000_000_000, 10_000);
  assert.equal(queue.target, REQUESTS_MAX);
  queue.onBlock(1e7, 1, 10_000);
  assert.equal(queue.target, REQUESTS_MIN);
  for (let i = 0; i < 10; i++) queue.onBlock(1e7, 1_000_000_000, 20);
  assert.equal(queue.target, 20);
});

test('a snubbing peer gets one request, and its pace is found anew when it comes back', () => {
  const queue = new RequestQueue();
  for (let i = 0; i < 50; i++) queue.onBlock(1, 1_000_000, 1000);
  queue.onSnubbed();
  assert.equal(queue.target, 1);
  queue.onBlock(30_000, 1000, 1000);
  assert.equal(queue.isSnubbed, false);
  assert.equal(queue.target, REQUESTS_FIRST + 1);
});

test('the time without progress counts from the first request of an idle peer', () => {
  const queue = new RequestQueue();
  queue.push(0, 0, 5000);
  queue.push(0, 1, 9000);
  assert.equal(queue.lastProgressAt, 5000);
});
