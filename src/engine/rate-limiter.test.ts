import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimiter } from './rate-limiter.ts';

/** Sends blocks whenever the limiter permits, for `durationMs` in steps; the bytes that flowed. */
function flow(limiter: RateLimiter, from: number, durationMs: number, blockLength: number): number {
  let bytes = 0;
  for (let now = from; now < from + durationMs; now += 5) {
    while (limiter.mayFlow(now)) {
      limiter.take(blockLength);
      bytes += blockLength;
      if (bytes > 1e9) return bytes;
    }
  }
  return bytes;
}

for (const rate of [20_000, 500_000, 50_000_000]) {
  test(`${rate} bytes a second are kept within 5 % over 10 s`, () => {
    const bytes = flow(new RateLimiter(rate, 0), 0, 10_000, 16_384);
    assert.ok(Math.abs(bytes - rate * 10) <= Math.max(rate * 0.5, 16_384), `${bytes} of ${rate * 10}`);
  });
}

test('an idle limiter saves up no more than a quarter of a second', () => {
  const limiter = new RateLimiter(100_000, 0);
  assert.equal(limiter.mayFlow(3_600_000), true);
  assert.ok(flow(limiter, 3_600_000, 1000, 1000) <= 126_000);
});

test('without a limit everything flows, and a limit can be set while running', () => {
  const limiter = new RateLimiter(0, 0);
  limiter.take(1e9);
  assert.equal(limiter.mayFlow(0), true);
  limiter.setRate(1000, 0);
  const bytes = flow(limiter, 0, 10_000, 100);
  assert.ok(bytes >= 9_500 && bytes <= 10_500, `${bytes}`);
});

test('the wait is as long as the debt', () => {
  const limiter = new RateLimiter(10_000, 0);
  assert.equal(limiter.mayFlow(1000), true);
  limiter.take(12_500);
  const wait = limiter.waitMs(1000);
  assert.ok(wait >= 990 && wait <= 1010, `${wait}`);
  assert.equal(limiter.mayFlow(1000 + wait - 2), false);
  assert.equal(limiter.mayFlow(1000 + wait), true);
});
