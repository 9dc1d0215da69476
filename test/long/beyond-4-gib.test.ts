/** A sparse file of 5 GiB, resumed and completed: existing data is checked, and the rest fetched, beyond 4 GiB. */
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BEYOND_4_GIB_PIECES, generateBeyond4GiB } from '../support/beyond-4-gib.ts';
import { assertDownloaded } from '../support/compare.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const TIMEOUT_MS = 120_000;

test('a file of 5 GiB that is all holes is checked, completed beyond 4 GiB, and stays sparse', async (t) => {
  const scope = new Scope(t);
  const content = generateBeyond4GiB();
  const { torrent, target } = await makeWorkspace(scope, content);
  const part = openSync(join(target, `${content.name}.part`), 'w');
  ftruncateSync(part, content.totalLength);
  closeSync(part);
  const seed = await startScriptedSeed(scope, content);
  const local = ['--no-trackers', '--bind', '127.0.0.1'];
  const download = startDownload(scope, [torrent, '-d', target, '--peer', seed.endpoint, ...local]);
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  const fetched = download.all('piece-verified').map((event) => event.piece);
  assert.deepEqual(
    fetched.sort((a, b) => a - b),
    BEYOND_4_GIB_PIECES,
  );
  assert.ok(statSync(join(target, content.name)).blocks * 512 <= 32 * 1024 ** 2, 'the holes are still holes');
});
