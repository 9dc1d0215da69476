/** Scenarios of giving: clients that share with each other, seed, keep limits, and stop when they gave enough. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataEqualsOracle } from '../../src/sim/checkers/data-equals-oracle.ts';
import { slotsConserved } from '../../src/sim/checkers/slots-conserved.ts';
import { DOWNLOAD_DIRECTORY, type SimClient } from '../../src/sim/sim-client.ts';
import type { SimTorrent } from '../../src/sim/sim-torrent.ts';
import { PEER_PORT, World } from '../../src/sim/world.ts';

const KIB = 1024;
const MINUTE_MS = 60_000;
const FOR_EVER = { ratio: null, seedTimeMs: null };

function createTorrent(world: World, totalLength: number, trackers: string[] = []): SimTorrent {
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

/** A client that has the whole torrent and seeds it. */
function addSpateSeed(world: World, name: string, torrent: SimTorrent, line = {}): SimClient {
  const source = world.addSeed(`source of ${name}`, torrent);
  const seed = world.addClient(name, {}, line);
  seed.download(torrent, { peers: [ipv4Of(source)], seed: FOR_EVER });
  assert.equal(
    world.run(() => seed.has('completed'), 10 * MINUTE_MS),
    'done',
  );
  source.host.vanish();
  return seed;
}

function sentBy(client: SimClient): number {
  return client.engine.torrentSnapshots().reduce((sum, torrent) => sum + torrent.uploadedBytes, 0);
}

function close(world: World, clients: readonly SimClient[]): void {
  for (const client of clients) client.engine.close();
  assert.equal(
    world.run(() => clients.every((client) => client.has('closed')), MINUTE_MS),
    'done',
  );
  world.advance(15_000);
  for (const client of clients) assert.deepEqual(slotsConserved(client.arena), []);
}

test('a client seeds what it downloaded, byte for byte, and counts what it gave', () => {
  const world = new World(31);
  const torrent = createTorrent(world, 1_500_000);
  const seed = addSpateSeed(world, 'seed', torrent);
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: [ipv4Of(seed)] });
  assert.equal(
    world.run(() => leech.has('completed'), 5 * MINUTE_MS),
    'done',
  );
  assert.deepEqual(dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
  assert.equal(sentBy(seed), 1_500_000);
  assert.equal(leech.find('completed')!.downloadedBytes, 1_500_000);
  close(world, [seed, leech]);
});

test('leeches with one slow seed get most of the data from each other', () => {
  const world = new World(32);
  const tracker = world.addTracker('tracker.example');
  const torrent = createTorrent(world, 2_000_000, ['tracker.example']);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 100 * KIB });
  tracker.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
  const leeches = ['a', 'b', 'c', 'd'].map((name) => {
    const leech = world.addClient(name, {}, { upBytesPerSecond: 1000 * KIB });
    leech.download(torrent, { seed: FOR_EVER });
    // Apart, so that each hears of those before it.
    world.advance(200);
    return leech;
  });
  assert.equal(
    world.run(() => leeches.every((leech) => leech.has('completed')), 20 * MINUTE_MS),
    'done',
  );
  for (const leech of leeches) {
    assert.deepEqual(dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
  }
  const given = leeches.reduce((sum, leech) => sum + sentBy(leech), 0);
  const got = leeches.reduce((sum, leech) => sum + leech.find('completed')!.downloadedBytes, 0);
  assert.ok(given > 0.5 * got, `${given} of ${got} bytes came from leeches`);
  close(world, leeches);
});

test('the download limit is kept within 5 % over ten seconds', () => {
  const world = new World(33);
  const torrent = createTorrent(world, 30_000_000);
  const seed = world.addSeed('seed', torrent);
  const leech = world.addClient('leech', { slots: 1024 });
  const limits = { maxDownRate: 1_000_000, maxUpRate: 0 };
  const infoHash = leech.download(torrent, { peers: [ipv4Of(seed)], limits });
  world.advance(5000);
  const before = leech.engine.torrentSnapshot(infoHash)!.downloadedBytes;
  world.advance(10_000);
  const snapshot = leech.engine.torrentSnapshot(infoHash)!;
  const bytes = snapshot.downloadedBytes - before;
  assert.ok(Math.abs(bytes - 10_000_000) <= 500_000, `${bytes} bytes in 10 s`);
  assert.equal(snapshot.diagnosis.code, 'limited');
  leech.engine.setLimits(infoHash, { maxDownRate: 0, maxUpRate: 0 });
  assert.equal(
    world.run(() => leech.has('completed'), 30_000),
    'done',
    'without the limit it is fast',
  );
  close(world, [leech]);
});

test('two torrents share a limit of the session evenly', () => {
  const world = new World(34);
  const leech = world.addClient('leech', { slots: 1024, limits: { maxDownRate: 1_000_000, maxUpRate: 0 } });
  const hashes = ['one', 'two'].map((name) => {
    const torrent = world.createTorrent({
      name: `${name}.bin`,
      pieceLength: 64 * KIB,
      fileLengths: [20_000_000],
      trackers: [],
    });
    return leech.download(torrent, { peers: [ipv4Of(world.addSeed(`seed of ${name}`, torrent))] });
  });
  world.advance(20_000);
  const bytes = hashes.map((infoHash) => leech.engine.torrentSnapshot(infoHash)!.downloadedBytes);
  const sum = bytes[0]! + bytes[1]!;
  assert.ok(sum > 17_000_000 && sum <= 20_500_000, `${sum} bytes in 20 s`);
  for (const one of bytes) assert.ok(one > 0.4 * sum, `shares ${bytes.join(' and ')}`);
  close(world, [leech]);
});

test('the upload limit is kept within 5 % over ten seconds', () => {
  const world = new World(35);
  const torrent = createTorrent(world, 20_000_000);
  const seed = addSpateSeed(world, 'seed', torrent);
  seed.engine.setLimits(null, { maxDownRate: 0, maxUpRate: 500_000 });
  const leech = world.addClient('leech', { slots: 1024 });
  leech.download(torrent, { peers: [ipv4Of(seed)] });
  world.advance(5000);
  const before = sentBy(seed);
  world.advance(10_000);
  const bytes = sentBy(seed) - before;
  assert.ok(Math.abs(bytes - 5_000_000) <= 250_000, `${bytes} bytes in 10 s`);
  close(world, [seed, leech]);
});

test('a seed tells when it gave back enough, and when it seeded long enough', () => {
  const world = new World(36);
  const torrent = createTorrent(world, 1_000_000);
  const source = world.addSeed('source', torrent);
  const byRatio = world.addClient('by ratio');
  byRatio.download(torrent, { peers: [ipv4Of(source)], seed: { ratio: 1, seedTimeMs: null } });
  const byTime = world.addClient('by time');
  byTime.download(torrent, { peers: [ipv4Of(source)], seed: { ratio: null, seedTimeMs: 60_000 } });
  assert.equal(
    world.run(() => byRatio.has('completed') && byTime.has('completed'), MINUTE_MS),
    'done',
  );
  assert.equal(byRatio.has('share-limit'), false);
  const leech = world.addClient('leech');
  leech.download(torrent, { peers: [ipv4Of(byRatio)] });
  assert.equal(
    world.run(() => byRatio.has('share-limit'), MINUTE_MS),
    'done',
  );
  assert.equal(byRatio.find('share-limit')!.limit, 'ratio');
  assert.equal(
    world.run(() => byTime.has('share-limit'), 2 * MINUTE_MS),
    'done',
  );
  const { limit, seedingMs } = byTime.find('share-limit')!;
  assert.equal(limit, 'time');
  assert.ok(seedingMs >= 60_000 && seedingMs < 63_000, `${seedingMs} ms`);
  close(world, [byRatio, byTime, leech]);
});

test('a pause leaves the swarm and says so, and what follows goes on from there', () => {
  const world = new World(37);
  const tracker = world.addTracker('tracker.example');
  const torrent = createTorrent(world, 3_000_000, ['tracker.example']);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 300 * KIB });
  tracker.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
  const leech = world.addClient('leech');
  const infoHash = leech.download(torrent);
  world.run(() => leech.all('piece-verified').length >= 10, MINUTE_MS);
  leech.engine.pauseTorrent(infoHash);
  world.advance(5000);
  const paused = leech.engine.torrentSnapshot(infoHash)!;
  assert.equal(paused.state, 'paused');
  assert.equal(paused.connectedPeers, 0);
  world.advance(MINUTE_MS);
  assert.equal(leech.engine.torrentSnapshot(infoHash)!.downloadedBytes, paused.downloadedBytes);
  leech.engine.resumeTorrent(infoHash);
  assert.equal(
    world.run(() => leech.has('completed'), 5 * MINUTE_MS),
    'done',
  );
  assert.deepEqual(dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
  const events = tracker.announces.map((announce) => announce.event);
  assert.deepEqual(events.slice(0, 3), ['started', 'stopped', 'started']);
  assert.ok(leech.find('completed')!.downloadedBytes < 3_200_000, 'nothing to speak of was fetched twice');
  close(world, [leech]);
});

test('a paused torrent is removed and closed like any other', () => {
  const world = new World(38);
  const torrent = createTorrent(world, 3_000_000);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 300 * KIB });
  const leech = world.addClient('leech');
  const infoHash = leech.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => leech.all('piece-verified').length >= 5, MINUTE_MS);
  leech.engine.pauseTorrent(infoHash);
  leech.engine.removeTorrent(infoHash);
  assert.equal(
    world.run(() => leech.has('stopped'), 10_000),
    'done',
  );
  close(world, [leech]);
});
