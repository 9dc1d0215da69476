import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineWidth, plainText } from '../text/line.ts';
import { bar, thinBar } from './bar.ts';

test('a bar is full only when all is there', () => {
  assert.equal(plainText(bar(0, 4, {})), '░░░░');
  assert.equal(plainText(bar(0.5, 4, {})), '██░░');
  assert.equal(plainText(bar(0.54, 4, {})), '██▏░');
  assert.equal(plainText(bar(0.9999, 4, {})), '███▉');
  assert.equal(plainText(bar(1, 4, {})), '████');
  for (let share = -0.1; share < 1.2; share += 0.013) assert.equal(lineWidth(bar(share, 7, {})), 7);
});

test('a thin bar has half columns', () => {
  assert.equal(plainText(thinBar(0, 4, {})), '────');
  assert.equal(plainText(thinBar(0.4, 4, {})), '━╸──');
  assert.equal(plainText(thinBar(0.99, 4, {})), '━━━╸');
  assert.equal(plainText(thinBar(1, 4, {})), '━━━━');
});
