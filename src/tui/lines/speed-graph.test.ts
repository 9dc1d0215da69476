import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineWidth, plainText } from '../text/line.ts';
import { barRates, graphSpan, niceCeiling, speedGraph } from './speed-graph.ts';

test('the scale is round and never under the rate', () => {
  assert.deepEqual(
    [0, 999, 1001, 4e5, 5e5, 500_001, 9.9e6].map(niceCeiling),
    [1000, 1000, 2000, 5e5, 5e5, 1e6, 1e7],
  );
});

test('a bar stands for as few seconds as show all there is', () => {
  assert.deepEqual(graphSpan(50, 10), { bars: 40, seconds: 1 });
  assert.deepEqual(graphSpan(50, 41), { bars: 40, seconds: 2 });
  assert.deepEqual(graphSpan(50, 600), { bars: 40, seconds: 20 });
  assert.deepEqual(graphSpan(20, 600), { bars: 20, seconds: 20 });
});

test('bars are means of their seconds, and the newest bar is whole', () => {
  assert.deepEqual(barRates([1, 2, 3, 4, 5], 10, 2), [1, 2.5, 4.5]);
  assert.deepEqual(barRates([1, 2, 3, 4, 5], 2, 1), [4, 5]);
});

test('the picture: empty, low, half and full', () => {
  const lines = speedGraph([0, 1, 500_000, 1_000_000], 10, 2, {});
  assert.deepEqual(lines.map(plainText), ['         █', '       ▁██']);
  const withScale = speedGraph([1_000_000], 24, 3, {});
  assert.deepEqual(withScale.map(plainText), [
    '1.00 MB/s              █',
    '                       █',
    '    0 B/s              █',
  ]);
});

test('every line is as wide as asked', () => {
  for (const columns of [1, 10, 23, 24, 90]) {
    for (const line of speedGraph([5, 6, 7], columns, 4, {})) assert.equal(lineWidth(line), columns);
  }
});
