import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BugError } from './assert.ts';
import { Timer, type TimerOwner, TimerQueue } from './timer-queue.ts';

/** Writes down which of its timers fired. */
class Recorder implements TimerOwner {
  readonly fired: number[] = [];
  onFire: (kind: number) => void = () => {};

  onTimer(kind: number): void {
    this.fired.push(kind);
    this.onFire(kind);
  }
}

function timers(owner: TimerOwner, count: number): Timer[] {
  return Array.from({ length: count }, (_, kind) => new Timer(owner, kind));
}

test('timers fire in order of due time, equal ones in order of scheduling', () => {
  const queue = new TimerQueue();
  const owner = new Recorder();
  const [a, b, c, d] = timers(owner, 4);
  queue.schedule(a!, 20);
  queue.schedule(b!, 10);
  queue.schedule(c!, 20);
  queue.schedule(d!, 10);
  queue.runDue(9);
  assert.deepEqual(owner.fired, []);
  queue.runDue(20);
  assert.deepEqual(owner.fired, [1, 3, 0, 2]);
  assert.equal(queue.nextAt, Number.POSITIVE_INFINITY);
});

test('a timer that is scheduled again moves, and counts as scheduled last', () => {
  const queue = new TimerQueue();
  const owner = new Recorder();
  const [a, b] = timers(owner, 2);
  queue.schedule(a!, 5);
  queue.schedule(b!, 5);
  queue.schedule(a!, 5);
  assert.equal(queue.size, 2);
  queue.runDue(5);
  assert.deepEqual(owner.fired, [1, 0]);
});

test('one that is scheduled during a run waits for the next run', () => {
  const queue = new TimerQueue();
  const owner = new Recorder();
  const [a] = timers(owner, 1);
  owner.onFire = () => queue.schedule(a!, 0);
  queue.schedule(a!, 10);
  queue.runDue(10);
  assert.deepEqual(owner.fired, [0]);
  assert.ok(a!.isScheduled);
  queue.runDue(10);
  assert.deepEqual(owner.fired, [0, 0]);
});

test('one that is scheduled for the past during a run holds up none that is due', () => {
  const queue = new TimerQueue();
  const owner = new Recorder();
  const [a, b, late] = timers(owner, 3);
  owner.onFire = (kind) => {
    if (kind === 0) queue.schedule(late!, 1);
  };
  queue.schedule(a!, 5);
  queue.schedule(b!, 7);
  queue.runDue(10);
  assert.deepEqual(owner.fired, [0, 1]);
  queue.runDue(10);
  assert.deepEqual(owner.fired, [0, 1, 2]);
});

test('an owner may cancel another timer that is due in the same run', () => {
  const queue = new TimerQueue();
  const owner = new Recorder();
  const [a, b] = timers(owner, 2);
  owner.onFire = () => queue.cancel(b!);
  queue.schedule(a!, 1);
  queue.schedule(b!, 1);
  queue.runDue(1);
  assert.deepEqual(owner.fired, [0]);
  queue.cancel(b!);
  assert.equal(queue.size, 0);
});

test('a due time that is no number is a bug', () => {
  const queue = new TimerQueue();
  const [a] = timers(new Recorder(), 1);
  assert.throws(() => queue.schedule(a!, Number.NaN), BugError);
  assert.throws(() => queue.schedule(a!, Number.POSITIVE_INFINITY), BugError);
});

test('whatever is scheduled, moved and cancelled, the queue fires like a sorted list', () => {
  const step = fc.record({
    kind: fc.constantFrom('schedule', 'schedule', 'cancel', 'run'),
    timer: fc.nat(11),
    at: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queue = new TimerQueue();
      const owner = new Recorder();
      const all = timers(owner, 12);
      let model: { timer: number; at: number; sequence: number }[] = [];
      const expected: number[] = [];
      let sequence = 0;
      for (const { kind, timer, at } of steps) {
        if (kind !== 'run') model = model.filter((entry) => entry.timer !== timer);
        if (kind === 'schedule') {
          queue.schedule(all[timer]!, at);
          model.push({ timer, at, sequence: sequence++ });
        } else if (kind === 'cancel') queue.cancel(all[timer]!);
        else {
          queue.runDue(at);
          model.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
          for (const entry of model) if (entry.at <= at) expected.push(entry.timer);
          model = model.filter((entry) => entry.at > at);
        }
        assert.deepEqual(owner.fired, expected);
        assert.equal(queue.size, model.length);
        assert.equal(queue.nextAt, Math.min(...model.map((entry) => entry.at)));
        for (const one of all) {
          assert.equal(
            one.isScheduled,
            model.some((entry) => entry.timer === one.kind),
          );
        }
      }
    }),
  );
});
