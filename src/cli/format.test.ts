import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration, formatEta, formatShare } from './format.ts';

test('sizes are decimal, with three digits, and never 1000 of a unit', () => {
  const sizes: readonly [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9994, '9.99 kB'],
    [9995, '10.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_500_000_000, '1.50 GB'],
    [5 * 2 ** 40, '5.50 TB'],
    [2 ** 53, '9.01 PB'],
    [-5, '0 B'],
  ];
  for (const [bytes, text] of sizes) assert.equal(formatBytes(bytes), text);
});

test('durations have two units at most', () => {
  const durations: readonly [number, string][] = [
    [0.44, '0.4 s'],
    [9.99, '9.9 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [125, '2 min 5 s'],
    [3 * 3600 + 20 * 60 + 59, '3 h 20 min'],
    [2 * 86_400 + 4 * 3600, '2 d 4 h'],
  ];
  for (const [seconds, text] of durations) assert.equal(formatDuration(seconds), text);
});

test('time left is coarse and honest about what is unknown', () => {
  assert.equal(formatEta(null), 'time left unknown');
  assert.equal(formatEta(0), '1 s left');
  assert.equal(formatEta(61), '2 min left');
  assert.equal(formatEta(7200), '2 h left');
  assert.equal(formatEta(1e12), 'months left');
});

test('a share is 100% only when all is there, and 0% only when nothing is', () => {
  assert.equal(formatShare(999_999, 1_000_000), '99.9%');
  assert.equal(formatShare(1, 1_000_000), '0.0%');
  assert.equal(formatShare(0, 1_000_000), '0%');
  assert.equal(formatShare(5, 5), '100%');
  assert.equal(formatShare(0, 0), '100%');
});
