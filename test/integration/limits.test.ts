/**
 * The limits of a machine: few descriptors, a full or read-only file system, offsets beyond 4 GiB. What went wrong is
 * said in a sentence, the exit code is 1, and a second run finds everything that the first had verified.
 */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BEYOND_4_GIB_PIECES, generateBeyond4GiB } from '../support/beyond-4-gib.ts';
import { assertDownloaded, assertPiece } from '../support/compare.ts';
import { generateFile, generateTree } from '../support/content.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { loopbackAddresses } from '../support/silent-addresses.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { mountTmpfs, NEEDS_ROOT, type Tmpfs } from '../support/tmpfs.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 60_000;
const LOCAL = ['--no-trackers', '--bind', '127.0.0.1'];
const FEW_DESCRIPTORS = ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash'];

/** Waits until that many pieces are verified. */
async function verified(download: Spate, count: number): Promise<void> {
  await download.event('piece-verified', TIMEOUT_MS, () => download.all('piece-verified').length >= count);
}

/** Fails when the second run did not find what the first had verified. */
function assertNothingLost(first: Spate, second: Spate): void {
  const before = first.all('piece-verified').length;
  const found = second.all('checked')[0]?.verifiedPieces ?? 0;
  assert.ok(found >= before, `${found} pieces found of ${before} that were verified`);
}

test('a file of 5 GiB takes blocks on both sides of 4 GiB, and stays sparse', async (t) => {
  const scope = new Scope(t);
  const content = generateBeyond4GiB();
  const { torrent, target } = await makeWorkspace(scope, content);
  // The seed has only what is not zero, so that the rest of the file stays a hole; the download cannot end.
  const seed = await startScriptedSeed(scope, content, {
    has: (piece) => BEYOND_4_GIB_PIECES.includes(piece),
  });
  const download = startDownload(scope, [torrent, '-d', target, '--peer', seed.endpoint, ...LOCAL]);
  await verified(download, BEYOND_4_GIB_PIECES.length);
  download.program.kill('SIGINT');
  await download.endsWith(130, TIMEOUT_MS);
  assert.deepEqual(seed.violations, []);
  const path = join(target, `${content.name}.part`);
  assert.ok(statSync(path).blocks * 512 <= 32 * MIB, 'what was not written takes no space');
  for (const piece of BEYOND_4_GIB_PIECES) assertPiece(path, content, piece);
});

test('a torrent of 400 files completes with 64 descriptors', async (t) => {
  const scope = new Scope(t);
  const content = generateTree('many files', 400, 64 * KIB);
  const { torrent, target } = await makeWorkspace(scope, content);
  const seed = await startScriptedSeed(scope, content);
  const parameters = [torrent, '-d', target, '--peer', seed.endpoint, ...LOCAL];
  await startDownload(scope, parameters, { prefix: FEW_DESCRIPTORS }).endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
});

test('a hundred peers and 64 descriptors: it completes, or says what is short and loses nothing', async (t) => {
  const scope = new Scope(t);
  const content = generateTree('many of both', 200, 64 * KIB);
  const { torrent, target } = await makeWorkspace(scope, content);
  const seeds = [];
  for (const address of loopbackAddresses(100, 100)) {
    seeds.push(await startScriptedSeed(scope, content, { bytesPerSecond: 128 * KIB }, address));
  }
  const peers = seeds.flatMap((seed) => ['--peer', seed.endpoint]);
  const parameters = [torrent, '-d', target, ...peers, ...LOCAL];
  const first = startDownload(scope, parameters, { prefix: FEW_DESCRIPTORS });
  const status = await first.ended(TIMEOUT_MS);
  if (status.code !== 0) {
    assert.equal(status.code, 1, first.describe());
    first.assertSays(/open files|descriptors/i);
    const second = startDownload(scope, parameters);
    await second.endsWith(0, TIMEOUT_MS);
    assertNothingLost(first, second);
  }
  assertDownloaded(target, content);
});

/** Downloads into a file system of its own; the seed is slow enough for things to happen meanwhile. */
async function startInTmpfs(scope: Scope, size: string) {
  const content = generateFile('tight.bin', 24 * MIB, 256 * KIB);
  const mount = await mountTmpfs(scope, `size=${size}`);
  const { torrent } = await makeWorkspace(scope, content);
  const seed = await startScriptedSeed(scope, content, { bytesPerSecond: 12 * MIB });
  const parameters = [torrent, '-d', mount.path, '--peer', seed.endpoint, ...LOCAL];
  const start = (): Spate => startDownload(scope, parameters, { prefix: mount.prefix });
  return { content, mount, seed, start };
}

/** Leaves no byte free. */
function fill(mount: Tmpfs): string {
  const path = join(mount.outside, 'filler');
  assert.throws(() => writeFileSync(path, Buffer.alloc(64 * MIB)), { code: 'ENOSPC' });
  return path;
}

test(
  'a file system without room for the torrent is refused before anything is fetched',
  NEEDS_ROOT,
  async (t) => {
    const scope = new Scope(t);
    const { mount, seed, start } = await startInTmpfs(scope, '16m');
    const download = start();
    await download.endsWith(1, TIMEOUT_MS);
    download.assertSays(/space/i);
    assert.equal(download.all('error')[0]?.code, 'disk-full');
    assert.equal(seed.blocksServed, 0);
    assert.deepEqual(readdirSync(mount.outside), []);
  },
);

test(
  'a file system that fills up midway stops the torrent; with room again the rest comes',
  NEEDS_ROOT,
  async (t) => {
    const scope = new Scope(t);
    const { content, mount, start } = await startInTmpfs(scope, '40m');
    const first = start();
    await verified(first, 8);
    const filler = fill(mount);
    await first.endsWith(1, TIMEOUT_MS);
    first.assertSays(/space/i);
    assert.equal(first.all('error')[0]?.code, 'disk-full');
    rmSync(filler);
    const second = start();
    await second.endsWith(0, TIMEOUT_MS);
    assertNothingLost(first, second);
    assertDownloaded(mount.outside, content);
  },
);

test(
  'a read-only file system stops the torrent; writable again, it goes on where it was',
  NEEDS_ROOT,
  async (t) => {
    const scope = new Scope(t);
    const { content, mount, start } = await startInTmpfs(scope, '40m');
    const first = start();
    await verified(first, 8);
    first.program.kill('SIGINT');
    await first.endsWith(130, TIMEOUT_MS);
    await mount.remount('ro');
    const second = start();
    await second.endsWith(1, TIMEOUT_MS);
    second.assertSays(/read-only/i);
    assert.equal(second.all('error')[0]?.code, 'read-only');
    await mount.remount('rw');
    const third = start();
    await third.endsWith(0, TIMEOUT_MS);
    assertNothingLost(first, third);
    assertDownloaded(mount.outside, content);
  },
);
