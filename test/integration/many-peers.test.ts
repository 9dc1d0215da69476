/**
 * Many peers and several torrents in one process: two hundred seeds, each slow enough that all of them are needed,
 * and three torrents side by side.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertDownloaded, assertFile } from '../support/compare.ts';
import { generateFile, generateTree, type TorrentContent } from '../support/content.ts';
import { Scope } from '../support/scope.ts';
import { type ScriptedSeed, startScriptedSeed } from '../support/scripted-peer.ts';
import { loopbackAddresses } from '../support/silent-addresses.ts';
import { startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 60_000;
const PEER_COUNT = 200;

async function startSeeds(
  scope: Scope,
  content: TorrentContent,
  net: number,
  count: number,
  bytesPerSecond: number,
) {
  const seeds: ScriptedSeed[] = [];
  for (const address of loopbackAddresses(net, count)) {
    seeds.push(await startScriptedSeed(scope, content, { bytesPerSecond }, address));
  }
  return seeds;
}

test('two hundred peers are connected at once and all of them give', async (t) => {
  const scope = new Scope(t);
  // More blocks than two hundred request queues hold, so that the last one to connect finds work too.
  const content = generateFile('crowd.bin', 72 * MIB, 128 * KIB);
  const { torrent, target } = await makeWorkspace(scope, content);
  // Too slow to be done before the last one is connected: 10 MiB/s together.
  const seeds = await startSeeds(scope, content, 90, PEER_COUNT, 50 * KIB);
  const peers = seeds.flatMap((seed) => ['--peer', seed.endpoint]);
  const parameters = [torrent, '-d', target, '--no-trackers', '--bind', '127.0.0.1', ...peers];
  const download = startDownload(scope, parameters);
  await download.event('progress', TIMEOUT_MS, (event) => event.connectedPeers === PEER_COUNT);
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  const idle = seeds.filter((seed) => seed.blocksServed === 0);
  assert.equal(idle.length, 0, `${idle.length} seeds gave nothing`);
  for (const seed of seeds) assert.deepEqual(seed.violations, [], seed.endpoint);
});

test('three torrents download at once in one process', async (t) => {
  const scope = new Scope(t);
  const contents = [
    generateFile('first.bin', 24 * MIB, 256 * KIB),
    generateTree('second', 300, 64 * KIB),
    generateFile('third.bin', 12 * MIB + 1, 128 * KIB),
  ];
  const workspaces = await Promise.all(contents.map((content) => makeWorkspace(scope, content)));
  const target = workspaces[0]!.target;
  const swarms = [];
  for (const [i, content] of contents.entries())
    swarms.push(await startSeeds(scope, content, 91 + i, 20, MIB));
  // Every peer is told to every torrent; those of the others answer with another info hash and are left alone.
  const peers = swarms.flat().flatMap((seed) => ['--peer', seed.endpoint]);
  const torrents = workspaces.map((workspace) => workspace.torrent);
  const download = startDownload(scope, [
    ...torrents,
    '-d',
    target,
    '--no-trackers',
    '--bind',
    '127.0.0.1',
    ...peers,
  ]);
  await download.endsWith(0, TIMEOUT_MS);
  for (const content of contents) content.files.forEach((_, i) => void assertFile(target, content, i));
  const completed = download.all('completed').map((event) => event.infoHash);
  assert.deepEqual(completed.sort(), contents.map((content) => content.infoHashHex).sort());
});
