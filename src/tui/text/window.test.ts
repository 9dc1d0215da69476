import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowAround, windowWords } from './window.ts';

test('the chosen row is always on the screen, and the screen is full when there is enough', () => {
  for (const count of [1, 5, 20]) {
    for (const height of [1, 4, 30]) {
      for (let cursor = 0; cursor < count; cursor++) {
        const first = windowAround(cursor, count, height);
        assert.ok(first >= 0 && first <= cursor && cursor < first + height);
        assert.ok(count < height || first + height <= count);
      }
    }
  }
});

test('a window is described only when it hides something', () => {
  assert.equal(windowWords(0, 10, 10), '');
  assert.equal(windowWords(4, 10, 40), '5-14 of 40');
  assert.equal(windowWords(35, 10, 40), '36-40 of 40');
});
