/** Scenarios of remembering: a client dies at any moment, comes back, and goes on without checking what is vouched for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataEqualsOracle } from '../../src/sim/checkers/data-equals-oracle.ts';
import { MemoryStateFolder } from '../../src/sim/memory-state-store.ts';
import { DOWNLOAD_DIRECTORY, type SimClient } from '../../src/sim/sim-client.ts';
import type { SimTorrent } from '../../src/sim/sim-torrent.ts';
import { PEER_PORT, World } from '../../src/sim/world.ts';

const KIB = 1024;
const MINUTE_MS = 60_000;
const LENGTH = 3_000_000;

function createTorrent(world: World, trackers: string[] = []): SimTorrent {
  return world.createTorrent({
    name: 'file.bin',
    pieceLength: 64 * KIB,
    fileLengths: [LENGTH],
    trackers: trackers.map((name) => [`http://${name}/announce`]),
  });
}

function ipv4Of(member: { readonly host: { readonly addresses: readonly string[] } }): string {
  return `${member.host.addresses[0]}:${PEER_PORT}`;
}

function verifiedAtStart(client: SimClient): number {
  return client.find('checked')!.verifiedPieces;
}

test('a closed client comes back without hashing a byte', () => {
  const world = new World(51);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 200 * KIB });
  const first = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
  first.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => first.all('piece-verified').length >= 20, MINUTE_MS);
  first.engine.close();
  assert.equal(
    world.run(() => first.has('closed'), MINUTE_MS),
    'done',
  );
  const verified = first.all('piece-verified').length;
  const second = world.restart(first);
  const hashedBefore = world.crypto.hashedBytes;
  second.download(torrent, {});
  assert.equal(
    world.run(() => second.has('checked'), MINUTE_MS),
    'done',
  );
  assert.ok(verifiedAtStart(second) >= verified, `${verifiedAtStart(second)} of ${verified}`);
  assert.equal(world.crypto.hashedBytes, hashedBefore, 'nothing was hashed');
  // The good peer of the first session is remembered, so nobody has to name it.
  assert.equal(
    world.run(() => second.has('completed'), 5 * MINUTE_MS),
    'done',
  );
  assert.deepEqual(dataEqualsOracle(second.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
});

test('killed again and again at any moment, it never claims a bad byte and never goes back far', () => {
  for (let run = 0; run < 6; run++) {
    const world = new World(600 + run);
    const random = world.random('moments of death');
    const torrent = createTorrent(world);
    const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 150 * KIB });
    let client = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
    let best = 0;
    for (let life = 0; life < 8; life++) {
      client.download(torrent, { peers: [ipv4Of(seed)] });
      world.run(() => client.has('completed'), 1000 + random.below(6000));
      const checked = client.find('checked');
      if (checked !== undefined) {
        // A few seconds of a line of 150 KiB/s, in pieces of 64 KiB.
        assert.ok(checked.verifiedPieces >= best - 20, `run ${run}: ${checked.verifiedPieces} after ${best}`);
        best = Math.max(best, checked.verifiedPieces + client.all('piece-verified').length);
      }
      client.die('killed');
      world.advance(random.below(3000));
      client = world.restart(client);
    }
    client.download(torrent, { peers: [ipv4Of(seed)] });
    assert.equal(
      world.run(() => client.has('completed'), 10 * MINUTE_MS),
      'done',
      `run ${run}`,
    );
    assert.deepEqual(dataEqualsOracle(client.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
  }
});

test('a file that changed behind its back is noticed and fetched again', () => {
  const world = new World(53);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent);
  const first = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
  first.download(torrent, { peers: [ipv4Of(seed)] });
  assert.equal(
    world.run(() => first.has('completed'), MINUTE_MS),
    'done',
  );
  first.engine.close();
  assert.equal(
    world.run(() => first.has('closed'), MINUTE_MS),
    'done',
  );
  const handle = first.fileSystem.open(`${DOWNLOAD_DIRECTORY}/file.bin`, 'write');
  world.advance(5000);
  handle.write(1_000_000, [new Uint8Array(10)]);
  handle.close();
  const second = world.restart(first);
  second.download(torrent, { peers: [ipv4Of(seed)] });
  assert.equal(
    world.run(() => second.has('completed'), MINUTE_MS),
    'done',
  );
  const total = torrent.metainfo.pieceCount;
  assert.ok(verifiedAtStart(second) < total && verifiedAtStart(second) >= total - 2);
  assert.deepEqual(dataEqualsOracle(second.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
});

test('completed is announced once in the life of a torrent', () => {
  const world = new World(54);
  const tracker = world.addTracker('tracker.example');
  const torrent = createTorrent(world, ['tracker.example']);
  const seed = world.addSeed('seed', torrent);
  tracker.addPeer(torrent.metainfo.infoHashV1!, seed.host.addresses[0]!, PEER_PORT, 0);
  const first = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
  first.download(torrent);
  assert.equal(
    world.run(() => first.has('completed'), MINUTE_MS),
    'done',
  );
  first.engine.close();
  assert.equal(
    world.run(() => first.has('closed'), MINUTE_MS),
    'done',
  );
  // The data is lost and fetched again.
  first.fileSystem.remove(`${DOWNLOAD_DIRECTORY}/file.bin`);
  const second = world.restart(first);
  second.download(torrent);
  assert.equal(
    world.run(() => second.has('completed'), MINUTE_MS),
    'done',
  );
  assert.equal(second.find('completed')!.downloadedNow, true);
  second.engine.close();
  assert.equal(
    world.run(() => second.has('closed'), MINUTE_MS),
    'done',
  );
  const completed = tracker.announces.filter((announce) => announce.event === 'completed');
  assert.equal(completed.length, 1);
});

test('after a power failure on another boot everything is checked, and nothing bad is claimed', () => {
  const world = new World(55);
  const torrent = createTorrent(world);
  const seed = world.addSeed('seed', torrent, {}, { upBytesPerSecond: 200 * KIB });
  const first = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
  first.download(torrent, { peers: [ipv4Of(seed)] });
  world.run(() => first.all('piece-verified').length >= 20, MINUTE_MS);
  first.die('vanished');
  const second = world.restart(first, { bootId: 'another' });
  const hashedBefore = world.crypto.hashedBytes;
  second.download(torrent, { peers: [ipv4Of(seed)] });
  assert.equal(
    world.run(() => second.has('completed'), 10 * MINUTE_MS),
    'done',
  );
  assert.ok(world.crypto.hashedBytes - hashedBefore >= LENGTH, 'what was there was hashed');
  assert.deepEqual(dataEqualsOracle(second.fileSystem, DOWNLOAD_DIRECTORY, torrent), []);
});

test('a selection leaves nothing but its files, and is whole at the next start without a peer', () => {
  const world = new World(56);
  const torrent = world.createTorrent({
    name: 'folder',
    pieceLength: 64 * KIB,
    fileLengths: [100_000, 150_000, 100_000],
    trackers: [],
  });
  const seed = world.addSeed('seed', torrent);
  const first = world.addClient('leech', { stateFolder: new MemoryStateFolder() });
  first.download(torrent, { peers: [ipv4Of(seed)], selectedFiles: [1] });
  assert.equal(
    world.run(() => first.has('completed'), MINUTE_MS),
    'done',
  );
  first.engine.close();
  assert.equal(
    world.run(() => first.has('closed'), MINUTE_MS),
    'done',
  );
  const left = first.fileSystem.list().filter((path) => path.startsWith(DOWNLOAD_DIRECTORY));
  assert.deepEqual(left, [`${DOWNLOAD_DIRECTORY}/${torrent.metainfo.files[1]!.path}`]);
  const second = world.restart(first);
  second.download(torrent, { selectedFiles: [1] });
  assert.equal(
    world.run(() => second.has('completed'), MINUTE_MS),
    'done',
  );
  assert.equal(second.find('completed')!.downloadedNow, false);
});
