import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageWords, comingWords, etaWords } from './words.ts';

test('ages and coming times have one unit', () => {
  assert.deepEqual([0, 4999, 12_000, 60_000, 3_599_000, 7_200_000, 200_000_000].map(ageWords), [
    'just now',
    'just now',
    '12 s ago',
    '1 min ago',
    '59 min ago',
    '2 h ago',
    '2 d ago',
  ]);
  assert.deepEqual([0, 999, 1000, 1_740_000].map(comingWords), ['now', 'now', 'in 1 s', 'in 29 min']);
});

test('a time left that is none takes no room', () => {
  assert.equal(etaWords(null), '');
  assert.equal(etaWords(0), '');
  assert.equal(etaWords(90), '2 min left');
});
