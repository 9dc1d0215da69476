/** The program is killed at random moments, and loses next to nothing. A hundred kills are a long test. */
import { test } from 'node:test';
import { killLoop } from '../support/kill-loop.ts';
import { Scope } from '../support/scope.ts';

test('ten kills at random moments of one download cost a few seconds of it each, and no byte of it', async (t) => {
  await killLoop(new Scope(t), 10, 48, 4_000_000, 1);
});
