import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateMeter } from './rate-meter.ts';

test('a steady stream reads as its rate', () => {
  const meter = new RateMeter(500);
  for (let now = 500; now < 20_500; now += 100) meter.add(1000, now);
  assert.ok(Math.abs(meter.rate(20_500) - 10_000) < 700, String(meter.rate(20_500)));
  assert.equal(meter.total, 200_000);
});

test('a burst at the start counts over one part of the window, not over an instant', () => {
  const meter = new RateMeter(0, 8000);
  meter.add(5000, 0);
  assert.equal(meter.rate(0), 5000);
});

test('what is older than the window counts no more', () => {
  const meter = new RateMeter(0, 8000);
  meter.add(9000, 100);
  assert.ok(meter.rate(7999) > 0);
  assert.equal(meter.rate(8000), 0);
  assert.equal(new RateMeter(0).rate(1e9), 0);
});

const steps = fc.array(fc.record({ wait: fc.oneof(fc.nat(900), fc.nat(30_000)), bytes: fc.nat(50_000) }), {
  maxLength: 40,
});

test('the rate is what was added in the last eight parts of a grid that begins with the meter', () => {
  fc.assert(
    fc.property(fc.nat(5000), steps, (start, plan) => {
      const meter = new RateMeter(start, 8000);
      const added: { at: number; bytes: number }[] = [];
      let now = start;
      for (const { wait, bytes } of plan) {
        now += wait;
        meter.add(bytes, now);
        added.push({ at: now, bytes });
        const from = start + Math.floor((now - start) / 1000) * 1000 - 7000;
        const inWindow = added
          .filter((entry) => entry.at >= from)
          .reduce((sum, entry) => sum + entry.bytes, 0);
        const span = Math.max(now - Math.max(from, start), 1000);
        assert.ok(Math.abs(meter.rate(now) - (inWindow * 1000) / span) < 1e-6);
      }
    }),
  );
});

test('reading the rate never changes what is read later', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat(20_000), { maxLength: 10 }), (plan, reads) => {
      const quiet = new RateMeter(0);
      const watched = new RateMeter(0);
      let now = 0;
      for (const [index, { wait, bytes }] of plan.entries()) {
        const read = reads[index];
        if (read !== undefined && read <= wait) watched.rate(now + read);
        now += wait;
        quiet.add(bytes, now);
        watched.add(bytes, now);
        assert.equal(watched.rate(now), quiet.rate(now));
      }
    }),
  );
});
