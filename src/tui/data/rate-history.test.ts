import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTORY_SECONDS, RateHistory } from './rate-history.ts';

test('one sample a second, the newest last', () => {
  const history = new RateHistory();
  assert.deepEqual(history.last(10), []);
  for (let second = 0; second < 5; second++) history.add(second * 10, 1_000_000 + second * 1000);
  assert.deepEqual(history.last(3), [20, 30, 40]);
  assert.deepEqual(history.last(10), [0, 10, 20, 30, 40]);
  history.add(99, 1_004_900);
  assert.deepEqual(history.last(2), [30, 99], 'a second sample of a second takes the place of the first');
});

test('seconds without a sample repeat the one before, also many', () => {
  const history = new RateHistory();
  history.add(5, 10_000);
  history.add(7, 14_000);
  assert.deepEqual(history.last(10), [5, 5, 5, 5, 7]);
  history.add(9, 1e9);
  assert.equal(history.last(1e6).length, HISTORY_SECONDS);
  assert.deepEqual(history.last(2), [7, 9]);
});

test('a clock that is set back changes the newest sample only', () => {
  const history = new RateHistory();
  history.add(1, 100_000);
  history.add(2, 101_000);
  history.add(3, 50_000);
  assert.deepEqual(history.last(10), [1, 3]);
});
