/**
 * Owns the loop of kills: one download, ended by SIGKILL at random moments again and again, and started anew.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/base/random.ts';
import { assertDownloaded } from './compare.ts';
import { generateFile } from './content.ts';
import type { Scope } from './scope.ts';
import { startScriptedSeed } from './scripted-peer.ts';
import { type Spate, startDownload } from './spate.ts';
import { makeWorkspace } from './workspace.ts';

const KIB = 1024;
const MIB = 1024 ** 2;
/** A quick snapshot every three seconds, and what it takes to reach the store. */
const MAX_LOST_SECONDS = 8;
const TIMEOUT_MS = 60_000;

/**
 * Downloads a file of `megabytes` MiB at about `rate` bytes a second and kills the program `kills` times on the way. Fails when
 * a start finds less than what was verified some seconds before, or when the file is wrong in the end.
 */
export async function killLoop(
  scope: Scope,
  kills: number,
  megabytes: number,
  rate: number,
  seed: number,
): Promise<void> {
  const random = new SeededRandom(seed);
  const content = generateFile('killed-often.bin', megabytes * MIB, 256 * KIB);
  const { torrent, target } = await makeWorkspace(scope, content);
  const { endpoint } = await startScriptedSeed(scope, content, {}, '127.0.0.1', 0);
  const state = await scope.directory();
  const limit = ['--max-down', String(rate), '--state', state];
  const start = (more: readonly string[]): Spate =>
    startDownload(scope, [
      torrent,
      '-d',
      target,
      '--peer',
      endpoint,
      '--no-trackers',
      '--bind',
      '127.0.0.1',
      ...more,
    ]);
  const tolerance = Math.ceil((MAX_LOST_SECONDS * rate) / (256 * KIB));
  let best = 0;
  for (let kill = 0; kill < kills; kill++) {
    const spate = start(limit);
    await sleep(300 + random.below(1200));
    spate.program.kill('SIGKILL');
    await spate.program.exited;
    const [checked] = spate.all('checked');
    if (checked === undefined) continue;
    assert.ok(
      checked.verifiedPieces >= best - tolerance,
      `start ${kill} found ${checked.verifiedPieces} pieces after ${best} had been verified`,
    );
    best = Math.max(best, checked.verifiedPieces + spate.all('piece-verified').length);
  }
  assert.ok(best > 0, 'the kills came while there was progress');
  const last = start(['--state', state]);
  await last.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  // Each life counted what it fetched, so no byte of the last one was counted that was there before.
  const [checked] = last.all('checked');
  const [completed] = last.all('completed');
  const missing = content.totalLength - checked!.verifiedBytes;
  assert.ok(completed!.downloadedBytes >= missing && completed!.downloadedBytes <= missing * 1.05 + MIB);
}
