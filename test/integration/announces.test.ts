/**
 * What trackers hear from the whole program: every parameter of every announce, and the sequence `started`, periodic,
 * `completed`, `stopped`, when the download ends and when a signal ends it, over HTTP and UDP.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile, type TorrentContent, writeContent } from '../support/content.ts';
import { type RecordedAnnounce, RecordingTracker } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';
import { type ScriptedSeed, startScriptedSeed } from '../support/scripted-peer.ts';
import { startMuteAddresses } from '../support/silent-addresses.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const TIMEOUT_MS = 40_000;
/** The shortest interval that is obeyed. */
const INTERVAL_SECONDS = 5;
/** The parameters of an HTTP announce, `event` aside (BEP 3, 7, 23). */
const PARAMETERS = [
  'compact',
  'downloaded',
  'info_hash',
  'key',
  'left',
  'no_peer_id',
  'numwant',
  'peer_id',
  'port',
  'uploaded',
];

interface Swarm {
  readonly tracker: RecordingTracker;
  readonly seed: ScriptedSeed;
  readonly content: TorrentContent;
  readonly download: Spate;
  readonly target: string;
}

/** A download that finds its one seed, of the given rate, through the tracker. */
async function startSwarm(scope: Scope, protocol: 'http' | 'udp', bytesPerSecond: number): Promise<Swarm> {
  const content = generateFile(`announced over ${protocol}.bin`, 2048 * KIB + 99, 32 * KIB);
  const tracker = await RecordingTracker.start(scope, { protocol });
  const seed = await startScriptedSeed(scope, content, { bytesPerSecond });
  tracker.reply = { peers: [{ address: seed.address, port: seed.port }], intervalSeconds: INTERVAL_SECONDS };
  const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
  const download = startDownload(scope, [torrent, '-d', target, '--bind', '127.0.0.1']);
  return { tracker, seed, content, download, target };
}

/** What holds of every announce of one download, and how its counters run. */
async function assertAnnounces(swarm: Swarm, protocol: 'http' | 'udp'): Promise<void> {
  const { tracker, content, download, seed } = swarm;
  const { port } = await download.event('listening', TIMEOUT_MS);
  const [first] = tracker.announces;
  assert.ok(first !== undefined);
  assert.match(first.key, /^[0-9A-F]{8}$/);
  assert.deepEqual([...seed.leechIds], [first.peerId], 'peers see the peer id that the tracker sees');
  for (const announce of tracker.announces) {
    assert.equal(announce.infoHash, content.infoHashHex);
    assert.equal(announce.peerId, first.peerId);
    assert.equal(announce.key, first.key);
    assert.equal(announce.port, port);
    assert.equal(announce.uploaded, 0);
    assert.ok(
      announce.event === 'stopped' ? announce.numWant === 0 : announce.numWant > 0,
      `${announce.numWant}`,
    );
    if (protocol === 'http') assertHttpForm(announce);
  }
  assert.deepEqual([first.downloaded, first.left], [0, content.totalLength]);
  assertCountersRun(tracker.announces, content);
}

function assertHttpForm(announce: RecordedAnnounce): void {
  const names = announce.target
    .slice(announce.target.indexOf('?') + 1)
    .split('&')
    .map((pair) => pair.split('=')[0]!);
  const expected = announce.event === 'none' ? PARAMETERS : [...PARAMETERS, 'event'];
  assert.deepEqual(names.sort(), expected.toSorted(), 'each parameter once, and no other');
  assert.equal(announce.peerId.length, 20);
  assert.equal(announce.parameters.get('compact'), '1');
  assert.equal(announce.headers['accept-encoding']?.includes('gzip'), true);
}

function assertCountersRun(announces: readonly RecordedAnnounce[], content: TorrentContent): void {
  for (let i = 1; i < announces.length; i++) {
    const [before, now] = [announces[i - 1]!, announces[i]!];
    assert.ok(
      now.downloaded >= before.downloaded && now.left <= before.left,
      'the counters only run one way',
    );
    // `left` counts what is not verified yet, so both together are the whole and what is on its way to be verified.
    assert.ok(now.downloaded + now.left >= content.totalLength, `${now.downloaded} + ${now.left}`);
  }
}

describe('the announces of a download', { concurrency: true }, () => {
  for (const protocol of ['http', 'udp'] as const) {
    test(`over ${protocol} are started, periodic, completed, stopped`, async (t) => {
      const scope = new Scope(t);
      const swarm = await startSwarm(scope, protocol, 256 * KIB);
      await swarm.download.endsWith(0, TIMEOUT_MS);
      assertDownloaded(swarm.target, swarm.content);
      assert.deepEqual(swarm.tracker.events(), ['started', 'none', 'completed', 'stopped']);
      await assertAnnounces(swarm, protocol);
      const [started, periodic, completed, stopped] = swarm.tracker.announces;
      const waitedMs = periodic!.at - started!.at;
      assert.ok(waitedMs >= INTERVAL_SECONDS * 990, `periodic after ${waitedMs} ms`);
      assert.ok(periodic!.downloaded > 0 && periodic!.left > 0 && periodic!.left < swarm.content.totalLength);
      assert.deepEqual([completed!.left, stopped!.left], [0, 0]);
      assert.ok(completed!.downloaded >= swarm.content.totalLength);
    });

    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      test(`over ${protocol} are started, stopped after ${signal}`, async (t) => {
        const scope = new Scope(t);
        const swarm = await startSwarm(scope, protocol, 256 * KIB);
        await swarm.download.event('piece-verified', TIMEOUT_MS);
        swarm.download.program.kill(signal);
        await swarm.download.endsWith(exitCode, TIMEOUT_MS);
        assert.deepEqual(swarm.tracker.events(), ['started', 'stopped']);
        await assertAnnounces(swarm, protocol);
        const stopped = swarm.tracker.announces[1]!;
        assert.ok(stopped.downloaded > 0 && stopped.left > 0 && stopped.left < swarm.content.totalLength);
        assert.equal(swarm.download.all('stopped')[0]?.trackersToldStopped, 1);
      });
    }

    test(`over ${protocol} never say completed for what was complete at the start`, async (t) => {
      const scope = new Scope(t);
      const tracker = await RecordingTracker.start(scope, { protocol });
      const content = generateFile('complete.bin', 300 * KIB, 32 * KIB);
      const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
      writeContent(content, target);
      const download = startDownload(scope, [torrent, '-d', target, '--bind', '127.0.0.1']);
      await download.endsWith(0, TIMEOUT_MS);
      assert.ok(!tracker.events().includes('completed'), tracker.events().join());
      for (const announce of tracker.announces) assert.equal(announce.left, 0);
    });

    test(`over ${protocol}: a tracker that no longer answers holds up the end by 3 s at most`, async (t) => {
      const scope = new Scope(t);
      const swarm = await startSwarm(scope, protocol, 256 * KIB);
      await swarm.download.event('piece-verified', TIMEOUT_MS);
      swarm.tracker.reply = { silent: true };
      const signalledAt = performance.now();
      swarm.download.program.kill('SIGINT');
      await swarm.download.endsWith(130, TIMEOUT_MS);
      const endedAfterMs = performance.now() - signalledAt;
      assert.ok(endedAfterMs < 4500, `ended after ${endedAfterMs} ms`);
      assert.equal(swarm.tracker.events().filter((event) => event === 'stopped').length > 0, true);
      assert.equal(swarm.download.all('stopped')[0]?.trackersNotTold, 1);
    });
  }
});

test('fifty silent addresses that a tracker names first do not delay the one that another names later', async (t) => {
  const scope = new Scope(t);
  const content = generateFile('late.bin', 512 * KIB, 32 * KIB);
  const mute = await startMuteAddresses(scope, 84, 50);
  const seed = await startScriptedSeed(scope, content);
  const early = await RecordingTracker.start(scope);
  early.reply = { peers: mute.endpoints.map(parseEndpoint) };
  const late = await RecordingTracker.start(scope, { protocol: 'udp' });
  late.reply = { peers: [{ address: seed.address, port: seed.port }], delayMs: 700 };
  const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[early.url], [late.url]] });
  const download = startDownload(scope, [torrent, '-d', target, '--bind', '127.0.0.1']);
  await seed.connected();
  assert.equal(mute.acceptedCount(), 50, 'all silent addresses were dialled before');
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  const firstByteAfterMs =
    performance.timeOrigin + seed.firstBlockAt! - Date.parse(download.all('metadata')[0]!.time);
  assert.ok(firstByteAfterMs < 2000, `first byte after ${firstByteAfterMs} ms`);
});

function parseEndpoint(endpoint: string): { address: string; port: number } {
  const [address, port] = endpoint.split(':');
  return { address: address!, port: Number(port) };
}
