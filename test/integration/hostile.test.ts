/**
 * Peers that die, lie, hang and stall, as real sockets on addresses of their own: the download completes, with the right
 * bytes, from those that are well, and only those that lied are banned.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile, type TorrentContent } from '../support/content.ts';
import { knock } from '../support/knock.ts';
import { Scope } from '../support/scope.ts';
import { type Behaviour, type ScriptedSeed, startScriptedSeed } from '../support/scripted-peer.ts';
import { startHangingAddresses, startMuteAddresses } from '../support/silent-addresses.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 30_000;
const BLOCK = 16 * KIB;

interface Swarm {
  readonly download: Spate;
  readonly seeds: readonly ScriptedSeed[];
  readonly target: string;
}

/** Starts seeds that behave as told, on 127.NET.0.1, 127.NET.0.2, …, and a download that knows them in that order. */
async function startSwarm(
  scope: Scope,
  content: TorrentContent,
  net: number,
  behaviours: readonly Behaviour[],
  further: readonly string[] = [],
): Promise<Swarm> {
  const { torrent, target } = await makeWorkspace(scope, content);
  const seeds: ScriptedSeed[] = [];
  for (const [i, behaviour] of behaviours.entries()) {
    seeds.push(await startScriptedSeed(scope, content, behaviour, `127.${net}.0.${i + 1}`));
  }
  const peers = seeds.flatMap((seed) => ['--peer', seed.endpoint]);
  const parameters = [torrent, '-d', target, '--no-trackers', '--bind', '127.0.0.1', ...peers, ...further];
  return { download: startDownload(scope, parameters), seeds, target };
}

/** Endpoints of the peers that were banned. */
function bannedPeers(download: Spate): string[] {
  const banned = download.all('peer-disconnected').filter((event) => event.isBanned);
  return [...new Set(banned.map((event) => event.peer))].sort();
}

function assertNoViolations(seeds: readonly ScriptedSeed[]): void {
  for (const seed of seeds) assert.deepEqual(seed.violations, [], `what ${seed.endpoint} holds against us`);
}

describe('peers that die or stall', { concurrency: true }, () => {
  test('a seed that dies midway costs only what it had not sent yet', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('dies.bin', 16 * MIB + 4321, 512 * KIB);
    const behaviours = [{ diesAfterBlocks: 500, bytesPerSecond: 12 * MIB }, { bytesPerSecond: 6 * MIB }];
    const { download, seeds, target } = await startSwarm(scope, content, 50, behaviours);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.ok(seeds[0]!.isDead, 'the first seed died');
    const blockCount = Math.ceil(content.totalLength / BLOCK);
    const served = seeds[0]!.blocksServed + seeds[1]!.blocksServed;
    // What was on its way when the seed died is asked for again, and the endgame may ask twice.
    assert.ok(
      served <= blockCount * 1.1,
      `${served} blocks served for ${blockCount}: partial pieces were thrown away`,
    );
    assertNoViolations(seeds);
  });

  test('a seed that stops answering with requests outstanding does not hold up the rest', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('stalls.bin', 8 * MIB, 256 * KIB);
    const behaviours = [{ stallsAfterBlocks: 40 }, { bytesPerSecond: 4 * MIB, usesFast: true }];
    const { download, seeds, target } = await startSwarm(scope, content, 51, behaviours);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assertNoViolations(seeds);
  });

  test('seeds that choke and unchoke all the time are used while they let us', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('chokes.bin', 8 * MIB, 256 * KIB);
    const behaviours = [
      { chokesAfterBlocks: 30, chokeMs: 100, usesFast: true },
      { chokesAfterBlocks: 50, chokeMs: 200 },
    ];
    const { download, seeds, target } = await startSwarm(scope, content, 52, behaviours);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assertNoViolations(seeds);
    assert.deepEqual(bannedPeers(download), []);
  });

  test('seeds that have only a part each make a whole', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('parts.bin', 8 * MIB, 64 * KIB);
    const behaviours = [0, 1, 2, 3].map((part) => ({ has: (piece: number) => piece % 4 === part }));
    const { download, seeds, target } = await startSwarm(scope, content, 53, behaviours);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assertNoViolations(seeds);
  });

  test('a peer of another torrent is left at once, and the rest goes on', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('wrong.bin', MIB, 64 * KIB);
    const { download, seeds, target } = await startSwarm(scope, content, 54, [
      { infoHash: Buffer.alloc(20, 7) },
      {},
    ]);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.equal(seeds[0]!.blocksServed, 0);
  });

  test('a download that every peer chokes says so and gives up when told to', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('choked.bin', MIB, 64 * KIB);
    const stall = ['--stall-timeout', '2s'];
    const { download } = await startSwarm(scope, content, 55, [{ neverUnchokes: true }], stall);
    await download.endsWith(1, TIMEOUT_MS);
    download.assertSays(/chok/i);
  });
});

describe('a seed that corrupts every tenth block', { concurrency: 4 }, () => {
  for (const [i, pieceLength] of [32 * KIB, 256 * KIB, MIB].entries()) {
    for (const attempt of [1, 2]) {
      test(`is banned, and no other, with pieces of ${pieceLength / KIB} KiB (${attempt})`, async (t) => {
        const scope = new Scope(t);
        const content = generateFile(`liar-${attempt}.bin`, 12 * MIB + 777, pieceLength);
        const honest = { bytesPerSecond: 3 * MIB };
        const behaviours = [
          { corruptEvery: 10, bytesPerSecond: 6 * MIB },
          honest,
          honest,
          { ...honest, usesFast: true },
        ];
        const { download, seeds, target } = await startSwarm(
          scope,
          content,
          60 + 2 * i + attempt,
          behaviours,
        );
        await download.endsWith(0, TIMEOUT_MS);
        assertDownloaded(target, content);
        assert.ok(seeds[0]!.corruptedBlocks > 0, 'the liar had its turn');
        assert.deepEqual(bannedPeers(download), [seeds[0]!.endpoint]);
        assertNoViolations(seeds);
      });
    }
  }

  // Large pieces and a slow liar: each piece has blocks of several peers, and only a comparison of the blocks of the bad
  // copy with those of the good one tells who it was.
  for (const attempt of [1, 2, 3]) {
    test(`is found among those that filled the same piece (${attempt})`, async (t) => {
      const scope = new Scope(t);
      const content = generateFile(`shared-${attempt}.bin`, 8 * MIB, 2 * MIB);
      const slow = { bytesPerSecond: 1400 * KIB, chokesAfterBlocks: 12, chokeMs: 50 };
      const behaviours = [{ ...slow, corruptEvery: 10 }, slow, slow, { bytesPerSecond: 4 * MIB }];
      const { download, seeds, target } = await startSwarm(scope, content, 71 + attempt, behaviours);
      await download.endsWith(0, TIMEOUT_MS);
      assertDownloaded(target, content);
      assert.deepEqual(bannedPeers(download), [seeds[0]!.endpoint]);
      assertNoViolations(seeds);
    });
  }

  test('stays banned by address: it is neither dialled nor let in again', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('knock.bin', 12 * MIB, 128 * KIB);
    const behaviours = [{ corruptEvery: 10 }, { bytesPerSecond: 2 * MIB }];
    const { download, seeds, target } = await startSwarm(scope, content, 70, behaviours);
    const { port } = await download.event('listening', TIMEOUT_MS);
    await download.event('peer-disconnected', TIMEOUT_MS, (event) => event.isBanned);
    const connectionsAtBan = seeds[0]!.connectionCount;
    assert.equal(await knock(seeds[0]!.address, port, content.infoHash), 'refused', 'the banned address');
    assert.equal(await knock('127.70.0.99', port, content.infoHash), 'welcome', 'any other address');
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.equal(seeds[0]!.connectionCount, connectionsAtBan, 'nobody dials a banned peer');
  });
});

describe('fifty addresses that never answer', () => {
  test('do not delay the first byte from the one that does', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('silent.bin', 4 * MIB, 64 * KIB);
    const mute = await startMuteAddresses(scope, 80, 25);
    const hanging = await startHangingAddresses(scope, 81, 25);
    const { torrent, target } = await makeWorkspace(scope, content);
    const seed = await startScriptedSeed(scope, content, {}, '127.82.0.1');
    const peers = [...mute.endpoints, ...hanging.endpoints, seed.endpoint].flatMap((peer) => [
      '--peer',
      peer,
    ]);
    const parameters = [torrent, '-d', target, '--no-trackers', '--bind', '127.0.0.1', ...peers];
    const download = startDownload(scope, parameters);
    const started = await download.event('metadata', TIMEOUT_MS);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.equal(mute.acceptedCount(), 25, 'all addresses that accept were dialled');
    const firstByteAfterMs = performance.timeOrigin + seed.firstBlockAt! - Date.parse(started.time);
    assert.ok(firstByteAfterMs < 2000, `first byte after ${firstByteAfterMs} ms`);
  });
});
