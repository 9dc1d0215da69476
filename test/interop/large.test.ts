/**
 * One generated file of 1 GiB from each of the other clients alone and from all of them at once. The data is made once, the
 * seeds are started once; what arrives is compared with the generator, byte for byte.
 *
 * The downloads from single seeds run side by side: Transmission 3.00 gives 42 MiB/s at best, so that one after the other
 * would take the time of all together.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Aria2Peer, startAria2Seed } from '../support/aria2-peer.ts';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile } from '../support/content.ts';
import { type LibtorrentPeer, startLibtorrent } from '../support/libtorrent-peer.ts';
import { type Opentracker, startOpentracker } from '../support/opentracker.ts';
import { needs } from '../support/peers.ts';
import { Scope } from '../support/scope.ts';
import { startDownload } from '../support/spate.ts';
import { startTransmissionSeed, type TransmissionSeed } from '../support/transmission-seed.ts';
import { makeWorkspace, type Workspace } from '../support/workspace.ts';

const MIB = 1024 ** 2;
const TIMEOUT_MS = 120_000;
/**
 * What libtorrent and aria2 may send each while all three serve. Transmission unchokes a new peer at the next of its
 * rounds, every 10 s; at full speed the download would be over before it took part.
 */
const SHARED_RATE = 34 * MIB;
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
  });

  describe('from one seed', { concurrency: true }, () => {
    for (const name of ['libtorrent', 'aria2', 'transmission'] as const) {
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
    seeds.libtorrent.limit(SHARED_RATE);
    await seeds.aria2.limit(SHARED_RATE);
    const download = startDownload(own, [workspace.torrent, '-d', target, '--bind', '127.0.0.1']);
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, workspace.content);
    for (const [name, seed] of Object.entries(seeds)) {
      const given = download.all('peer-disconnected').filter((event) => event.peer === seed.endpoint);
      const bytes = given.reduce((sum, event) => sum + event.downloadedBytes, 0);
      assert.ok(bytes > 0, `${name} gave nothing`);
    }
  });
});
