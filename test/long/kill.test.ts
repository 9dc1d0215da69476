/** A hundred kills at random moments of one download. */
import { test } from 'node:test';
import { killLoop } from '../support/kill-loop.ts';
import { Scope } from '../support/scope.ts';

test('a hundred kills at random moments cost a few seconds of the download each, and no byte of it', async (t) => {
  await killLoop(new Scope(t), 100, 256, 3_000_000, 2);
});
