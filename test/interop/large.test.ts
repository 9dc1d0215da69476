/**
 * One generated file of 1 GiB from libtorrent, from aria2, and from these and Transmission at once. The data is made once,
 * the seeds are started once; what arrives is compared with the generator, byte for byte.
 *
 * The same from Transmission alone is a long test: version 3.00 gives 13 MiB/s at best.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Aria2Peer, startAria2Seed } from '../support/aria2-peer.ts';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile } from '../support/content.ts';
import { type LibtorrentPeer, startLibtorrent } from '../support/libtorrent-peer.ts';
import { type Opentracker, startOpentracker } from '../support/opentracker.ts';
import { needs } from '../support/peers.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { startTransmissionSeed, type TransmissionSeed } from '../support/transmission-seed.ts';
import { makeWorkspace, type Workspace } from '../support/workspace.ts';

const MIB = 1024 ** 2;
const TIMEOUT_MS = 120_000;
/**
 * What libtorrent and aria2 may send each until Transmission takes part: it unchokes a new peer at one of its rounds, every
 * 10 s, and at full speed the download would be over before.
 */
const WAITING_RATE = 20 * MIB;
/**
 * Transmission takes one connection from an address, and the other seeds, which it meets through the tracker, are at
 * 127.0.0.1.
 */
const OWN_ADDRESS = '127.0.0.2';
const NEEDS_ALL = needs('libtorrent', 'aria2', 'transmission', 'opentracker');

describe('a file of 1 GiB', NEEDS_ALL, () => {
  const scope = new Scope({ after });
  let workspace: Workspace;
  let tracker: Opentracker;
  let seeds: { libtorrent: LibtorrentPeer; aria2: Aria2Peer; transmission: TransmissionSeed };

  before(async () => {
    const content = generateFile('one gibibyte.bin', 1024 * MIB, MIB);
    tracker = await startOpentracker(scope, [content.infoHashHex]);
    workspace = await makeWorkspace(scope, content, { tiers: [[tracker.http]], withData: true });
    const { torrent, source: directory } = workspace;
    const [libtorrent, aria2, transmission] = await Promise.all([
      startLibtorrent(scope, { torrent, directory }),
      startAria2Seed(scope, { torrent, directory }),
      startTransmissionSeed(scope, { torrent, directory }),
    ]);
    seeds = { libtorrent, aria2, transmission };
    await poll('three seeds at the tracker', TIMEOUT_MS, async () =>
      (await tracker.peerCount(content.infoHashHex)) === 3 ? true : null,
    );
  });

  describe('from one seed', { concurrency: true }, () => {
    for (const name of ['libtorrent', 'aria2'] as const) {
      test(`comes whole from ${name}`, async (t) => {
        const own = new Scope(t);
        const target = await own.directory();
        const peer = ['--peer', seeds[name].endpoint, '--no-trackers', '--bind', '127.0.0.1'];
        const download = startDownload(own, [workspace.torrent, '-d', target, ...peer]);
        await download.endsWith(0, TIMEOUT_MS);
        assertDownloaded(target, workspace.content);
      });
    }
  });

  test('comes whole from all three at once, found through the tracker, and each has given a part', async (t) => {
    const own = new Scope(t);
    const target = await own.directory();
    seeds.libtorrent.limit(WAITING_RATE);
    await seeds.aria2.limit(WAITING_RATE);
    const download = startDownload(own, [workspace.torrent, '-d', target, '--bind', OWN_ADDRESS]);
    await download.event('progress', TIMEOUT_MS, (event) => event.unchokingPeers === 3);
    seeds.libtorrent.limit(0);
    await seeds.aria2.limit(0);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, workspace.content);
    for (const client of ['libtorrent', 'aria2', 'Transmission']) {
      assert.ok(bytesFrom(download, client) > 0, `${client} gave nothing`);
    }
  });
});

/** What came from peers whose client name begins with `client`. A seed may have dialled us: its port is no clue. */
function bytesFrom(download: Spate, client: string): number {
  const connected = download.all('peer-connected').filter((event) => event.client.startsWith(client));
  const peers = new Set(connected.map((event) => event.peer));
  const gone = download.all('peer-disconnected').filter((event) => peers.has(event.peer));
  return gone.reduce((sum, event) => sum + event.downloadedBytes, 0);
}
