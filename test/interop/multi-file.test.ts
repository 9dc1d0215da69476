/**
 * Torrents of modest size, of many files and of real content, from each of the other clients, and from all of them at once, found through a real
 * tracker: what arrives is byte for byte what lies there, and nothing else.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startAria2Seed } from '../support/aria2-peer.ts';
import { assertDownloaded, assertSameTree } from '../support/compare.ts';
import { contentOfFolder, generateFile, replaceTrackers, type TorrentContent } from '../support/content.ts';
import { startLibtorrent } from '../support/libtorrent-peer.ts';
import { startOpentracker } from '../support/opentracker.ts';
import { needs, type PeerProgram } from '../support/peers.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { startDownload } from '../support/spate.ts';
import { startTransmissionSeed } from '../support/transmission-seed.ts';
import { makeWorkspace } from '../support/workspace.ts';

/** Books, folders of small files, .torrent files: 19 files, 600 kB. */
const FIXTURES = fileURLToPath(new URL('../../node_modules/webtorrent-fixtures/fixtures', import.meta.url));
/** Transmission unchokes a new peer only at the next of its rounds, every 10 s. */
const TIMEOUT_MS = 40_000;

/**
 * Transmission takes one connection from an address, and the other seeds, which it meets through the tracker, are at
 * 127.0.0.1.
 */
const OWN_ADDRESS = '127.0.0.2';

const STARTERS = {
  libtorrent: startLibtorrent,
  aria2: startAria2Seed,
  transmission: startTransmissionSeed,
} as const satisfies Partial<Record<PeerProgram, unknown>>;
const SEEDS = ['libtorrent', 'aria2', 'transmission'] as const;

function realContent(name: string): TorrentContent {
  return contentOfFolder(FIXTURES, name, 32 * 1024);
}

describe('a multi-file torrent of real content', { concurrency: true }, () => {
  for (const seedName of SEEDS) {
    test(`comes whole from ${seedName}`, needs(seedName), async (t) => {
      const scope = new Scope(t);
      const content = realContent(`books from ${seedName}`);
      const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
      const seed = await STARTERS[seedName](scope, { torrent, directory: source });
      const parameters = [
        torrent,
        '-d',
        target,
        '--peer',
        seed.endpoint,
        '--no-trackers',
        '--bind',
        '127.0.0.1',
      ];
      await startDownload(scope, parameters).endsWith(0, TIMEOUT_MS);
      assertDownloaded(target, content);
    });
  }

  for (const protocol of ['http', 'udp'] as const) {
    test(
      `comes from all clients, found through opentracker over ${protocol}`,
      needs(...SEEDS, 'opentracker'),
      async (t) => {
        const scope = new Scope(t);
        const content = realContent(`books over ${protocol}`);
        const tracker = await startOpentracker(scope, [content.infoHashHex]);
        const tiers = [[tracker[protocol]]];
        const { torrent, source, target } = await makeWorkspace(scope, content, { tiers, withData: true });
        // All seeds announce over HTTP, because aria2 has no UDP tracker without DHT: the swarm is one.
        const seedTorrent = join(await scope.directory(), 'seeds.torrent');
        writeFileSync(seedTorrent, replaceTrackers(await readFile(torrent), [[tracker.http]]));
        await Promise.all(
          SEEDS.map((name) => STARTERS[name](scope, { torrent: seedTorrent, directory: source })),
        );
        await poll('three seeds at the tracker', TIMEOUT_MS, async () =>
          (await tracker.peerCount(content.infoHashHex)) === 3 ? true : null,
        );
        const download = startDownload(scope, [torrent, '-d', target, '--bind', OWN_ADDRESS]);
        await download.endsWith(0, TIMEOUT_MS);
        assertDownloaded(target, content);
        const announces = download.all('tracker').filter((event) => event.ok);
        assert.deepEqual(
          announces.map((event) => event.announce),
          ['started', 'completed', 'stopped'],
        );
        assert.equal(await tracker.peerCount(content.infoHashHex), 3, 'the tracker has forgotten us');
      },
    );
  }

  // Transmission 3.00 gives 13 MiB/s at best; a whole GiB from it is a long test.
  test('a generated file of 32 MiB comes whole from transmission', needs('transmission'), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('thirty-two.bin', 32 * 1024 ** 2, 1024 ** 2);
    const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
    const seed = await startTransmissionSeed(scope, { torrent, directory: source });
    const parameters = [
      torrent,
      '-d',
      target,
      '--peer',
      seed.endpoint,
      '--no-trackers',
      '--bind',
      '127.0.0.1',
    ];
    await startDownload(scope, parameters).endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
  });

  test('comes whole by a .torrent file that another program made', needs('libtorrent'), async (t) => {
    const scope = new Scope(t);
    const folder = await scope.directory();
    const target = await scope.directory();
    const torrent = join(folder, 'lots-of-numbers.torrent');
    writeFileSync(torrent, replaceTrackers(await readFile(join(FIXTURES, 'lots-of-numbers.torrent')), []));
    const seed = await startLibtorrent(scope, { torrent, directory: FIXTURES });
    const parameters = [torrent, '-d', target, '--peer', seed.endpoint, '--bind', '127.0.0.1'];
    await startDownload(scope, parameters).endsWith(0, TIMEOUT_MS);
    assertSameTree(join(target, 'lots-of-numbers'), join(FIXTURES, 'lots-of-numbers'));
  });
});
