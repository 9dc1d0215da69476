/**
 * Owns the conformance suite of the `Time` port: each clause of the contract in `src/ports/time.ts`, run against the real
 * and the simulated clock. The factory lets time pass.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Time, TurnHandler } from '../../src/ports/time.ts';

/** A clock that nobody is bound to yet, and the means to let it run. */
export interface TimeWorld {
  readonly time: Time;
  /** Lets the world run until `predicate` holds; throws when it never will. */
  advanceUntil(predicate: () => boolean): Promise<void>;
  /** Lets at least `ms` milliseconds pass. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Counts turns, does in each what a test wants, and checks that none runs inside a call or inside another turn. */
class Turns implements TurnHandler {
  readonly #time: Time;
  count = 0;
  /** What `now` said in each turn. */
  readonly times: number[] = [];
  whenTurn: (() => void) | null = null;
  #isInside = false;

  constructor(time: Time) {
    this.#time = time;
    this.call(() => time.bind(this));
  }

  /** Runs a call into the clock; no turn may come inside. */
  call<T>(call: () => T): T {
    const wasInside = this.#isInside;
    this.#isInside = true;
    try {
      return call();
    } finally {
      this.#isInside = wasInside;
    }
  }

  onTurn(): void {
    assert.ok(!this.#isInside, 'a turn inside a call');
    this.#isInside = true;
    this.count++;
    this.times.push(this.#time.now());
    this.whenTurn?.();
    this.#isInside = false;
  }
}

/** Runs the suite; `create` makes a fresh clock for each test. */
export function timeConformance(name: string, create: () => Promise<TimeWorld>): void {
  const check = (title: string, body: (world: TimeWorld, turns: Turns) => Promise<void>): void => {
    test(title, async () => {
      const world = await create();
      try {
        await body(world, new Turns(world.time));
      } finally {
        await world.close();
      }
    });
  };
  describe(`the ${name} clock`, () => {
    reading(check);
    turning(check);
    waking(check);
  });
}

type Check = (title: string, body: (world: TimeWorld, turns: Turns) => Promise<void>) => void;

function reading(check: Check): void {
  check('now never goes back, and goes on as time passes', async ({ time, advance }, turns) => {
    const first = turns.call(() => time.now());
    await advance(20);
    const second = turns.call(() => time.now());
    assert.ok(second >= first + 19, `${second - first} ms`);
    await advance(1);
    assert.ok(time.now() >= second);
  });

  check('now is constant while a turn runs', async ({ time, advanceUntil }, turns) => {
    let values: number[] = [];
    turns.whenTurn = () => {
      values = Array.from({ length: 200_000 }, () => time.now());
    };
    time.requestTurn();
    await advanceUntil(() => turns.count === 1);
    assert.equal(new Set([...values, turns.times[0]]).size, 1);
  });

  check('the wall clock says milliseconds since 1970', async ({ time }) => {
    const wallClock = time.wallClock();
    assert.ok(Number.isFinite(wallClock) && wallClock >= 0);
    assert.equal(wallClock, Math.floor(wallClock));
  });
}

function turning(check: Check): void {
  check('without a request no turn runs', async ({ advance }, turns) => {
    await advance(20);
    assert.equal(turns.count, 0);
  });

  check('many requests before the turn are one turn, after the call', async ({ time, advance }, turns) => {
    for (let i = 0; i < 10; i++) turns.call(() => time.requestTurn());
    assert.equal(turns.count, 0);
    await advance(20);
    assert.equal(turns.count, 1);
  });

  check('a request made in a turn is another turn', async ({ time, advance }, turns) => {
    turns.whenTurn = () => {
      if (turns.count < 5) time.requestTurn();
    };
    time.requestTurn();
    await advance(50);
    assert.equal(turns.count, 5);
  });
}

function waking(check: Check): void {
  check('a wake-up is a turn at or soon after its time', async ({ time, advanceUntil }, turns) => {
    for (const delay of [0.25, 1, 7.5, 30]) {
      const at = time.now() + delay;
      const before = turns.count;
      turns.call(() => time.wakeAt(at));
      await advanceUntil(() => turns.count > before);
      assert.ok(turns.times.at(-1)! >= at, `woken ${at - turns.times.at(-1)!} ms early`);
    }
  });

  check('a wake-up is one turn', async ({ time, advance }, turns) => {
    time.wakeAt(time.now() + 5);
    await advance(60);
    assert.equal(turns.count, 1);
  });

  check('a wake-up in the past is soon', async ({ time, advanceUntil }, turns) => {
    turns.call(() => time.wakeAt(time.now() - 1000));
    await advanceUntil(() => turns.count === 1);
  });

  check('a later call replaces the wake-up: to later', async ({ time, advanceUntil, advance }, turns) => {
    const at = time.now() + 60;
    time.wakeAt(time.now() + 5);
    time.wakeAt(at);
    await advanceUntil(() => turns.count === 1);
    assert.ok(turns.times[0]! >= at);
    await advance(30);
    assert.equal(turns.count, 1);
  });

  check('a later call replaces the wake-up: to earlier', async ({ time, advanceUntil, advance }, turns) => {
    const far = time.now() + 100_000;
    time.wakeAt(far);
    time.wakeAt(time.now() + 5);
    await advanceUntil(() => turns.count === 1);
    assert.ok(turns.times[0]! < far);
    await advance(30);
    assert.equal(turns.count, 1);
  });

  check(
    'Infinity cancels the wake-up, and a new one can be set',
    async ({ time, advance, advanceUntil }, turns) => {
      time.wakeAt(time.now() + 5);
      time.wakeAt(Number.POSITIVE_INFINITY);
      await advance(40);
      assert.equal(turns.count, 0);
      time.wakeAt(time.now() + 5);
      await advanceUntil(() => turns.count === 1);
    },
  );

  check('a requested turn does not use up the wake-up', async ({ time, advanceUntil }, turns) => {
    const at = time.now() + 20;
    time.wakeAt(at);
    time.requestTurn();
    await advanceUntil(() => turns.count === 2);
    assert.ok(turns.times[1]! >= at);
  });

  check('a wake-up set in each turn makes a regular pace', async ({ time, advanceUntil }, turns) => {
    turns.whenTurn = () => {
      if (turns.count < 5) time.wakeAt(time.now() + 10);
    };
    time.requestTurn();
    await advanceUntil(() => turns.count === 5);
    for (let i = 1; i < 5; i++) assert.ok(turns.times[i]! - turns.times[i - 1]! >= 10);
  });

  check('a wake-up in the far future does not come now', async ({ time, advance }, turns) => {
    time.wakeAt(time.now() + 2 ** 40);
    await advance(30);
    assert.equal(turns.count, 0);
    time.wakeAt(Number.POSITIVE_INFINITY);
  });
}
