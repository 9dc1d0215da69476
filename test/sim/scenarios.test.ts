/** Named scenarios of the simulated world: one thing goes wrong in each, and the right thing comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcesInOrder } from '../../src/sim/checkers/announces-in-order.ts';
import { dataEqualsOracle } from '../../src/sim/checkers/data-equals-oracle.ts';
import { nothingLeft } from '../../src/sim/checkers/nothing-left.ts';
import { slotsConserved } from '../../src/sim/checkers/slots-conserved.ts';
import { DOWNLOAD_DIRECTORY, type SimClient } from '../../src/sim/sim-client.ts';
import type { SimTorrent } from '../../src/sim/sim-torrent.ts';
import { PEER_PORT, World } from '../../src/sim/world.ts';

const KIB = 1024;
/** How soon a client may come back to a tracker that names no least interval. */
const MIN_ANNOUNCE_MS = 120_000;
const MINUTE_MS = 60_000;

function createTorrent(world: World, trackers: string[] = [], totalLength = 1_500_000): SimTorrent {
  return world.createTorrent({
    name: 'file.bin',
    pieceLength: 64 * KIB,
    fileLengths: [totalLength],
    trackers: trackers.map((name) => [`http://${name}/announce`]),
  });
}

function ipv4Of(member: { readonly host: { readonly addresses: readonly string[] } }): string {
  return `${member.host.addresses[0]}:${PEER_PORT}`;
}

/** Waits for the leech to finish, closes it, and lets every checker look. */
function finish(world: World, leech: SimClient, torrent: SimTorrent, limitMs = 5 * MINUTE_MS): void {
  const result = world.run(() => leech.has('completed'), limitMs);
  const snapshot = leech.engine.torrentSnapshots()[0];
  assert.equal(result, 'done', `not complete: ${JSON.stringify(snapshot)}`);
  assert.deepEqual(dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
  closeClient(world, leech);
  assert.deepEqual(
    world.seeds.flatMap((seed) => seed.complaints),
    [],
  );
}

function closeClient(world: World, client: SimClient): void {
  client.engine.close();
  assert.equal(
    world.run(() => client.has('closed'), 10_000),
    'done',
    'closes in bounded time',
  );
  world.advance(15_000);
  assert.deepEqual(nothingLeft(client), []);
  assert.deepEqual(slotsConserved(client.arena), []);
}

test('a silent tracker delays nothing when the user names a peer', () => {
  const world = new World(11);
  const tracker = world.addTracker('tracker.example');
  tracker.mood = 'silent';
  const torrent = createTorrent(world, ['tracker.example']);
  const seed = world.addSeed('seed', torrent);
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => leech.has('completed'), 10_000);
  assert.ok(leech.has('completed'), 'complete in ten seconds');
  finish(world, leech, torrent);
  assert.ok(tracker.announces.length > 0, 'the tracker was asked');
});

test('a silent, a failing, a broken and a lying tracker do not keep peers of a working one away', () => {
  const world = new World(12);
  const moods = ['silent', 'failing', 'broken', 'lying'] as const;
  const names = moods.map((mood) => `${mood}.example`);
  for (const mood of moods) world.addTracker(`${mood}.example`).mood = mood;
  const working = world.addTracker('working.example');
  const torrent = createTorrent(world, [...names, 'working.example', 'no-such-name.example']);
  const seed = world.addSeed('seed', torrent);
  working.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
  const leech = world.addClient('leech');
  leech.download(torrent);
  world.run(() => leech.has('completed'), 10_000);
  assert.ok(leech.has('completed'), 'complete in ten seconds');
  finish(world, leech, torrent);
  assert.deepEqual(announcesInOrder(working.announces, MIN_ANNOUNCE_MS), []);
  assert.deepEqual(
    working.announces.map(({ event }) => event),
    ['started', 'completed', 'stopped'],
  );
});

test('when all seeds are gone the torrent says so, and goes on when one comes back', () => {
  const world = new World(13);
  const tracker = world.addTracker('tracker.example');
  const torrent = createTorrent(world, ['tracker.example'], 3_000_000);
  for (const death of ['killed', 'vanished'] as const) {
    const seed = world.addSeed(death, torrent, { diesAfterBlocks: 40, death });
    tracker.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
  }
  const leech = world.addClient('leech');
  const infoHash = leech.download(torrent);
  world.advance(10 * MINUTE_MS);
  const snapshot = leech.engine.torrentSnapshot(infoHash)!;
  assert.equal(snapshot.state, 'downloading');
  assert.equal(snapshot.connectedPeers, 0, 'nobody is left, also not the one that went dark');
  assert.ok(snapshot.verifiedPieces > 0 && snapshot.verifiedPieces < snapshot.pieceCount);
  assert.ok(
    ['unreachable-peers', 'connecting', 'no-peers'].includes(snapshot.diagnosis.code),
    snapshot.diagnosis.code,
  );
  assert.notEqual(snapshot.diagnosis.sentence, '');
  const fresh = world.addSeed('fresh', torrent);
  tracker.addPeer(torrent.metainfo.infoHashV1!, fresh.host.addresses[0]!, PEER_PORT, 0);
  finish(world, leech, torrent, 60 * MINUTE_MS);
});

test('fifty silent addresses dialled first do not delay the first byte past two seconds', () => {
  const world = new World(14);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent);
  const leech = world.addClient('leech');
  const silent = Array.from({ length: 50 }, (_, i) => `198.51.100.${i + 1}:${PEER_PORT}`);
  const infoHash = leech.download(torrent, { peers: [...silent, ipv4Of(seed)] });
  const hasByte = (): boolean => leech.engine.torrentSnapshot(infoHash)!.downloadedBytes > 0;
  assert.equal(world.run(hasByte, 2000), 'done');
  finish(world, leech, torrent);
});

test('refused, unreachable and silent addresses, and peers that accept and say nothing, cost only time', () => {
  const world = new World(15);
  const torrent = createTorrent(world);
  world.network.setFate('198.51.100.1', 'refused');
  world.network.setFate('198.51.100.2', 'unreachable');
  const dead = ['198.51.100.1', '198.51.100.2', '198.51.100.3'].map((address) => `${address}:${PEER_PORT}`);
  const silent = (['at-once', 'choking', 'when-asked'] as const).map((silence) =>
    ipv4Of(world.addSeed(silence, torrent, { silence })),
  );
  const seed = world.addSeed('seed', torrent, { blockDelayMs: 20 });
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: [...dead, ...silent, ipv4Of(seed)] });
  finish(world, leech, torrent);
});

test('a peer that only has an IPv6 address is reached', () => {
  const world = new World(16);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent);
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: [`[${seed.host.addresses[1]}]:${PEER_PORT}`] });
  finish(world, leech, torrent);
});

test('a name of a peer is resolved', () => {
  const world = new World(17);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent);
  world.names.set('seed.example', seed.host.addresses);
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: ['missing.example:1', `seed.example:${PEER_PORT}`] });
  finish(world, leech, torrent);
});

for (const death of ['killed', 'vanished'] as const) {
  test(`after it was ${death} midway, what was verified is kept and the rest is fetched`, () => {
    const world = new World(18);
    const torrent = createTorrent(world, [], 3_000_000);
    const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 200 * KIB });
    const first = world.addClient('leech');
    const infoHash = first.download(torrent, { peers: [ipv4Of(seed)] });
    world.run(() => first.all('piece-verified').length >= 10, MINUTE_MS);
    const verified = first.engine.torrentSnapshot(infoHash)!.verifiedPieces;
    assert.ok(verified >= 10 && verified < torrent.metainfo.pieceCount);
    first.die(death);
    world.advance(5000);
    const sentBefore = seed.sentBlocks;
    const second = world.restart(first);
    second.download(torrent, { peers: [ipv4Of(seed)] });
    finish(world, second, torrent);
    assert.ok(second.find('checked')!.verifiedPieces >= verified, 'verified pieces were found again');
    const blocks = Math.ceil(3_000_000 / (16 * KIB));
    assert.ok(seed.sentBlocks - sentBefore <= blocks - 4 * (verified - 1), 'and not fetched again');
  });
}

test('with an arena of a few slots and a slow disk the download is still whole', () => {
  const world = new World(19);
  const torrent = createTorrent(world);
  const seeds = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ipv4Of(world.addSeed(name, torrent)));
  const leech = world.addClient('leech', { slots: 8, diskLatencyMs: 50 });
  leech.download(torrent, { peers: seeds });
  finish(world, leech, torrent);
});

test('requests that wait for slots of the arena wait without a turn after another', () => {
  const world = new World(22);
  const torrent = createTorrent(world);
  const line = (latencyMs: number) => ({ latencyMs, upBytesPerSecond: 300_000 });
  const seeds = [10, 17, 24, 31].map((ms) => ipv4Of(world.addSeed(`seed ${ms}`, torrent, {}, line(ms))));
  const leech = world.addClient('leech', { slots: 8, diskLatencyMs: 100 });
  leech.download(torrent, { peers: seeds });
  finish(world, leech, torrent);
});

test('a full disk stops the torrent with its reason, and nothing verified is lost', () => {
  const world = new World(20);
  const torrent = createTorrent(world, [], 3_000_000);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 500 * KIB });
  const leech = world.addClient('leech');
  const infoHash = leech.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => leech.all('piece-verified').length >= 8, MINUTE_MS);
  leech.fileSystem.capacityBytes = 0;
  world.run(() => leech.has('error'), MINUTE_MS);
  assert.equal(leech.find('error')?.code, 'disk-full');
  assert.equal(leech.engine.torrentSnapshot(infoHash)?.state, 'error');
  assert.equal(leech.engine.torrentSnapshot(infoHash)?.diagnosis.code, 'error');
  closeClient(world, leech);
  leech.fileSystem.capacityBytes = Number.POSITIVE_INFINITY;
  const again = world.restart(leech);
  again.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => again.has('checked'), MINUTE_MS);
  assert.ok(again.find('checked')!.verifiedPieces >= 8);
  finish(world, again, torrent);
});

test('closing at any moment leaves nothing behind', () => {
  for (const closeAtMs of [0, 1, 20, 21, 40, 60, 100, 200, 500, 1000, 2000]) {
    const world = new World(21);
    const tracker = world.addTracker('tracker.example');
    const torrent = createTorrent(world, ['tracker.example'], 3_000_000);
    const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 500 * KIB });
    tracker.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
    const leech = world.addClient('leech');
    leech.download(torrent);
    world.advance(closeAtMs);
    closeClient(world, leech);
    assert.deepEqual(announcesInOrder(tracker.announces, MIN_ANNOUNCE_MS), [], `at ${closeAtMs} ms`);
  }
});
