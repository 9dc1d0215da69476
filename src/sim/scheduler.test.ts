import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timer } from '../base/timer-queue.ts';
import { LivelockError, Scheduler } from './scheduler.ts';

/** Writes down what fires and when. */
class Log {
  readonly lines: string[] = [];
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  timer(name: string, then: () => void = () => {}): Timer {
    return new Timer({
      onTimer: () => {
        this.lines.push(`${name}@${this.#scheduler.now}`);
        then();
      },
    });
  }
}

test('events happen in order of time, then of scheduling; ends of the instant after them', () => {
  const scheduler = new Scheduler();
  const log = new Log(scheduler);
  scheduler.schedule(log.timer('late'), 7);
  scheduler.schedule(
    log.timer('first', () => scheduler.atInstantEnd({ onInstantEnd: () => log.lines.push('end') })),
    5,
  );
  scheduler.schedule(log.timer('second'), 5);
  assert.equal(
    scheduler.run(() => false, 100),
    'idle',
  );
  assert.deepEqual(log.lines, ['first@5', 'second@5', 'end', 'late@7']);
  assert.equal(scheduler.now, 100);
});

test('what is scheduled for the past happens now', () => {
  const scheduler = new Scheduler();
  const log = new Log(scheduler);
  scheduler.advance(10);
  scheduler.schedule(log.timer('past'), 3);
  scheduler.advance(0);
  assert.deepEqual(log.lines, ['past@10']);
});

test('a run ends when its condition comes true, or at its limit', () => {
  const scheduler = new Scheduler();
  const log = new Log(scheduler);
  for (const at of [1, 2, 3]) scheduler.schedule(log.timer('event'), at);
  assert.equal(
    scheduler.run(() => log.lines.length === 2, 100),
    'done',
  );
  assert.equal(scheduler.now, 2);
  assert.equal(
    scheduler.run(() => false, 0.5),
    'timeout',
  );
  assert.equal(scheduler.now, 2.5);
  assert.equal(scheduler.pendingCount, 1);
});

test('times are whole ticks, rounded up', () => {
  const scheduler = new Scheduler();
  const log = new Log(scheduler);
  const timer = log.timer('event');
  scheduler.schedule(timer, 0.1);
  assert.equal(timer.at, 103 / 1024);
});

test('a world that does not get past an instant is ended', () => {
  const scheduler = new Scheduler();
  const end = { onInstantEnd: (): void => scheduler.atInstantEnd(end) };
  scheduler.atInstantEnd(end);
  assert.throws(() => scheduler.advance(1), LivelockError);
});
