/** IPv6 end to end, on ::1: a tracker that is reached and answers over IPv6 (BEP 7), peers, and our own listening socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateTree } from '../support/content.ts';
import { knock } from '../support/knock.ts';
import { startLibtorrent } from '../support/libtorrent-peer.ts';
import { needs } from '../support/peers.ts';
import { RecordingTracker } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const TIMEOUT_MS = 30_000;

test('a libtorrent seed on ::1 gives the whole torrent', needs('libtorrent'), async (t) => {
  const scope = new Scope(t);
  const content = generateTree('six', 40, 64 * KIB);
  const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
  const seed = await startLibtorrent(scope, { torrent, directory: source, address: '::1' });
  const parameters = [torrent, '-d', target, '--peer', seed.endpoint, '--bind', '::1', '--no-trackers'];
  const download = startDownload(scope, parameters);
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  assert.equal(download.all('peer-connected')[0]?.peer, seed.endpoint);
});

for (const protocol of ['http', 'udp'] as const) {
  test(`a tracker on ::1 names peers on ::1 over ${protocol}`, async (t) => {
    const scope = new Scope(t);
    const content = generateTree(`six over ${protocol}`, 20, 64 * KIB);
    const tracker = await RecordingTracker.start(scope, { protocol, host: '::1' });
    const seed = await startScriptedSeed(scope, content, {}, '::1');
    tracker.addPeer(content.infoHashHex, { address: '::1', port: seed.port }, true);
    const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
    await startDownload(scope, [torrent, '-d', target, '--bind', '::1']).endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.deepEqual(tracker.events(), ['started', 'completed', 'stopped']);
    assert.deepEqual([...new Set(tracker.announces.map((announce) => announce.address))], ['::1']);
    assert.deepEqual(seed.violations, []);
  });
}

test('peers on ::1 are welcome while a download runs', async (t) => {
  const scope = new Scope(t);
  const content = generateTree('six in', 40, 64 * KIB);
  const { torrent, target } = await makeWorkspace(scope, content);
  const seed = await startScriptedSeed(scope, content, { bytesPerSecond: 1024 * KIB }, '::1');
  const parameters = [torrent, '-d', target, '--peer', seed.endpoint, '--bind', '::1', '--no-trackers'];
  const download = startDownload(scope, parameters);
  const { address, port } = await download.event('listening', TIMEOUT_MS);
  assert.equal(address, '::1');
  await seed.connected();
  assert.equal(await knock('::1', port, content.infoHash), 'welcome');
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
});
