/** Runs the clock's conformance suite against Node's, and what only Node's clock promises. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { NodeTime } from '../../src/node/time.ts';
import { type TimeWorld, timeConformance } from './time.ts';

const DEADLINE_MS = 10_000;

async function createWorld(): Promise<TimeWorld> {
  const time = new NodeTime();
  const advance = async (ms: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, ms + 1));
  };
  return {
    time,
    advance,
    advanceUntil: async (predicate) => {
      const deadline = performance.now() + DEADLINE_MS;
      while (!predicate()) {
        assert.ok(performance.now() < deadline, `not after ${DEADLINE_MS} ms: ${predicate}`);
        await advance(0);
      }
    },
    close: async () => time.close(),
  };
}

timeConformance('Node', createWorld);

/** Runs a program that has a `NodeTime` as `time`; how long it ran, in milliseconds, and its output. */
async function runProgram(body: string): Promise<{ ranMs: number; output: string }> {
  const module = new URL('../../src/node/time.ts', import.meta.url).href;
  const program = `
    import { NodeTime } from ${JSON.stringify(module)};
    const time = new NodeTime();
    const startedAt = performance.now();
    process.on('exit', () => console.log(performance.now() - startedAt));
    ${body}
  `;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', program],
      { timeout: 20_000 },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      },
    );
  });
  const lines = output.trim().split('\n');
  return { ranMs: Number(lines.pop()), output: lines.join('\n') };
}

test('a pending wake-up keeps the process alive until its turn', async () => {
  const { ranMs, output } = await runProgram(`
    time.bind({ onTurn() { console.log('turn'); } });
    time.wakeAt(time.now() + 200);
  `);
  assert.equal(output, 'turn');
  assert.ok(ranMs >= 200, `${ranMs} ms`);
});

test('after close the process ends, and no turn runs', async () => {
  const { ranMs, output } = await runProgram(`
    time.bind({ onTurn() { console.log('turn'); } });
    time.wakeAt(time.now() + 15000);
    time.requestTurn();
    time.close();
    time.requestTurn();
    time.wakeAt(time.now() + 10);
  `);
  assert.equal(output, '');
  assert.ok(ranMs < 10_000, `${ranMs} ms`);
});

test('a time that is read without any turn is not held for ever', async () => {
  const time = new NodeTime();
  const first = time.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(time.now() > first);
  time.close();
});

test('an error in a turn leaves the clock usable', async () => {
  const { output } = await runProgram(`
    let turns = 0;
    process.on('uncaughtException', (error) => {
      console.log(error.message);
      time.requestTurn();
    });
    time.bind({ onTurn() { if (++turns === 1) throw new Error('first'); console.log('second'); } });
    time.requestTurn();
  `);
  assert.equal(output, 'first\nsecond');
});
