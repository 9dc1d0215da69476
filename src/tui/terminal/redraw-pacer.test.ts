import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_INTERVAL_MS, MIN_INTERVAL_MS, RedrawPacer } from './redraw-pacer.ts';

/** A clock that is turned by hand; each drawing costs `drawingCost`. */
class HandClock {
  time = 0;
  drawingCost = 1;
  drawings: number[] = [];
  #cost = 0;
  #timers: { at: number; action: () => void }[] = [];

  now(): number {
    return this.time;
  }

  cost(): number {
    return this.#cost;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.time + ms, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  draw(): void {
    this.drawings.push(this.time);
    this.#cost += this.drawingCost;
  }

  /** Turns to `end`, calling `onMs` at every millisecond. */
  run(end: number, onMs: () => void = () => undefined): void {
    for (; this.time < end; this.time++) {
      onMs();
      const due = this.#timers.filter((timer) => timer.at <= this.time);
      this.#timers = this.#timers.filter((timer) => timer.at > this.time);
      for (const timer of due) timer.action();
    }
  }
}

function paced(): { clock: HandClock; pacer: RedrawPacer } {
  const clock = new HandClock();
  return { clock, pacer: new RedrawPacer(() => clock.draw(), clock) };
}

test('what comes after stillness is drawn at once', () => {
  const { clock, pacer } = paced();
  clock.run(5000);
  pacer.request(false);
  clock.run(5010);
  assert.deepEqual(clock.drawings, [5000]);
});

test('however much happens, it draws four times a second at most', () => {
  const { clock, pacer } = paced();
  clock.run(10_000, () => {
    pacer.request(clock.time % 7 === 0);
  });
  assert.ok(clock.drawings.length <= 10_000 / MIN_INTERVAL_MS + 1, String(clock.drawings.length));
  assert.ok(clock.drawings.length >= 35);
});

test('a drawing that costs much is made seldom, but never too seldom, and keys do not wait for that', () => {
  const { clock, pacer } = paced();
  clock.drawingCost = 30;
  clock.run(60_000, () => pacer.request(false));
  const settled = clock.drawings.filter((at) => at > 30_000);
  assert.ok((settled.length * 30) / 30_000 < 0.025, `${settled.length} drawings of 30 ms in 30 s`);
  clock.drawingCost = 1000;
  clock.run(120_000, () => pacer.request(false));
  const last = clock.drawings.slice(-2);
  assert.equal(last[1]! - last[0]!, MAX_INTERVAL_MS);
  const before = clock.drawings.length;
  pacer.request(true);
  clock.run(120_000 + MIN_INTERVAL_MS);
  assert.equal(clock.drawings.length, before + 1);
});

test('what is asked for while a drawing is planned is drawn with it', () => {
  const { clock, pacer } = paced();
  pacer.request(false);
  clock.run(10);
  for (let i = 0; i < 5; i++) pacer.request(false);
  clock.run(2000);
  assert.equal(clock.drawings.length, 2);
});

test('after the end nothing is drawn', () => {
  const { clock, pacer } = paced();
  pacer.request(false);
  pacer.stop();
  pacer.request(true);
  clock.run(1000);
  assert.deepEqual(clock.drawings, []);
});
