import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressEvent } from '../../test/cli/fake/progress-event.ts';
import type { ClientEvent } from './api.ts';
import { EventQueue, MAX_BATCH_EVENTS } from './event-queue.ts';

const time = '2024-01-01T00:00:00.000Z';
const verified = (piece: number): ClientEvent => ({ event: 'piece-verified', time, infoHash: 'aa', piece });
const closed: ClientEvent = { event: 'closed', time, infoHash: null };

test('only the newest progress of each torrent waits, behind the facts', () => {
  const queue = new EventQueue();
  queue.push(progressEvent({ infoHash: 'aa', downloadedBytes: 1 }));
  queue.push(progressEvent({ infoHash: 'bb', downloadedBytes: 5 }));
  queue.push(verified(1));
  queue.push(progressEvent({ infoHash: 'aa', downloadedBytes: 2 }));
  const batch = queue.takeBatch();
  assert.deepEqual(
    batch.map((event) => [event.event, event.infoHash]),
    [
      ['piece-verified', 'aa'],
      ['progress', 'aa'],
      ['progress', 'bb'],
    ],
  );
  assert.equal(batch[1]?.event === 'progress' && batch[1].downloadedBytes, 2);
  assert.equal(queue.isEmpty, true);
});

test('facts come out in order, in bounded batches, progress with the last of them', () => {
  const queue = new EventQueue();
  queue.push(progressEvent({ infoHash: 'aa' }));
  for (let piece = 0; piece < 2 * MAX_BATCH_EVENTS + 1; piece++) queue.push(verified(piece));
  const lengths: number[] = [];
  const pieces: number[] = [];
  while (!queue.isEmpty) {
    const batch = queue.takeBatch();
    lengths.push(batch.length);
    for (const event of batch) if (event.event === 'piece-verified') pieces.push(event.piece);
  }
  assert.deepEqual(lengths, [MAX_BATCH_EVENTS, MAX_BATCH_EVENTS, 2]);
  assert.deepEqual(
    pieces,
    Array.from({ length: 2 * MAX_BATCH_EVENTS + 1 }, (_, i) => i),
  );
});

test('a full queue refuses facts for good, except those that tell how it ended', () => {
  const queue = new EventQueue(3);
  assert.deepEqual(
    [1, 2, 3, 4].map((piece) => queue.push(verified(piece))),
    [true, true, true, false],
  );
  queue.takeBatch();
  assert.equal(queue.push(verified(5)), false);
  assert.equal(queue.push({ event: 'error', time, infoHash: null, code: 'slow-reader', message: '' }), true);
  assert.equal(queue.push(closed), true);
  assert.deepEqual(
    queue.takeBatch().map((event) => event.event),
    ['error', 'closed'],
  );
});

test('closed is the last event, also with progress waiting', () => {
  const queue = new EventQueue();
  queue.push(progressEvent({ infoHash: 'aa' }));
  queue.push(closed);
  assert.equal(queue.takeBatch().at(-1)?.event, 'closed');
  assert.equal(queue.isEmpty, true);
});

test('a long-lived queue that is never quite empty does not grow', () => {
  const queue = new EventQueue(1000);
  for (let piece = 0; piece < 300; piece++) queue.push(verified(piece));
  for (let round = 0; round < 100; round++) {
    for (let piece = 0; piece < MAX_BATCH_EVENTS; piece++) assert.equal(queue.push(verified(piece)), true);
    assert.equal(queue.takeBatch().length, MAX_BATCH_EVENTS);
  }
  assert.equal(queue.length, 300);
});
