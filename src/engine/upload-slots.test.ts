import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UploadSlots } from './upload-slots.ts';

test('a fast line grows its slots until everybody has one', () => {
  const slots = new UploadSlots();
  const seconds = Array.from({ length: 10 }, () => slots.adapt(100_000_000, slots.count));
  assert.equal(seconds.includes(true), true);
  assert.ok(slots.count >= 200, `${slots.count} slots`);
});

test('a slow line keeps few slots, and never fewer than four', () => {
  const slots = new UploadSlots();
  for (let i = 0; i < 100; i++) slots.adapt(50_000, slots.count);
  assert.equal(slots.count, 4);
});

test('slots that nobody uses are neither added nor taken', () => {
  const slots = new UploadSlots();
  const before = slots.count;
  slots.adapt(0, before - 1);
  slots.adapt(1e9, before - 1);
  assert.equal(slots.count, before);
});
