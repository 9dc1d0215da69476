/**
 * Other clients as leeches of this one: each from it alone, all from it and each other, from it while it still downloads
 * itself, and twenty at once. Each finishes, each byte is equal, and the counters of both sides agree.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAria2Leech } from '../support/aria2-peer.ts';
import { assertDownloaded, assertFile } from '../support/compare.ts';
import { GeneratedBytes, generateFile, makeContent, type TorrentContent } from '../support/content.ts';
import { startLibtorrentLeeches } from '../support/libtorrent-leeches.ts';
import { startLibtorrent } from '../support/libtorrent-peer.ts';
import { startOpentracker } from '../support/opentracker.ts';
import { needs } from '../support/peers.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { loopbackAddresses } from '../support/silent-addresses.ts';
import { type Spate, startDownload, startSeed } from '../support/spate.ts';
import { startTransmissionLeech } from '../support/transmission-seed.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 60_000;
const LOCAL = ['--bind', '127.0.0.1'];
const CLIENTS = ['libtorrent', 'aria2', 'transmission'] as const;
/** What leeches ask twice for in the endgame, and blocks under way when a connection ends. */
const MAX_DIFFERENCE = 4 * MIB;

type ClientName = (typeof CLIENTS)[number];

interface Leech {
  readonly name: ClientName;
  readonly directory: string;
  readonly endpoint: string;
  finished(): Promise<void>;
  /** Payload in bytes, wasted bytes included where the client counts them. */
  counters(): Promise<{ readonly downloaded: number; readonly uploaded: number }>;
}

/** Starts one client as a leech in a folder of its own; it listens. */
async function startLeech(scope: Scope, name: ClientName, torrent: string): Promise<Leech> {
  const directory = await scope.directory();
  if (name === 'aria2') {
    const peer = await startAria2Leech(scope, { torrent, directory });
    const counters = async () => {
      const { completed, uploaded } = await peer.status();
      return { downloaded: completed, uploaded };
    };
    return { name, directory, endpoint: peer.endpoint, finished: () => peer.finished(TIMEOUT_MS), counters };
  }
  const start = name === 'libtorrent' ? startLibtorrent : startTransmissionLeech;
  const peer = await start(scope, { torrent, directory });
  return {
    name,
    directory,
    endpoint: peer.endpoint,
    finished: () => peer.finished(TIMEOUT_MS),
    counters: () => peer.status(),
  };
}

/** Thirty files without an empty one, which Transmission 3.00 does not make. */
function generateFolder(name: string): TorrentContent {
  const files = Array.from({ length: 30 }, (_, i) => ({
    path: `folder ${i % 3}/file ${i}`,
    length: 1 + ((i * 7919 * 7919) % (MIB / 2)),
  }));
  return makeContent({ name, pieceLength: 64 * KIB, source: new GeneratedBytes(name), files });
}

/** Every byte of every file; what else lies there is the client's own. */
function assertReceived(leeches: readonly { readonly directory: string }[], content: TorrentContent): void {
  for (const { directory } of leeches)
    content.files.forEach((_, i) => void assertFile(directory, content, i));
}

function peerParameters(leeches: readonly { readonly endpoint: string }[]): string[] {
  return leeches.flatMap(({ endpoint }) => ['--peer', endpoint]);
}

/** Ends the seed as a person does; what it says to have given. */
async function stop(seed: Spate): Promise<number> {
  seed.program.kill('SIGINT');
  await seed.endsWith(130, TIMEOUT_MS);
  return seed.all('stopped')[0]!.uploadedBytes;
}

function assertAgree(given: number, received: number, what: string): void {
  const isClose = given >= received && given - received <= MAX_DIFFERENCE;
  assert.ok(isClose, `${what}: ${given} bytes given, ${received} received`);
}

describe('a seed and other clients', { concurrency: true }, () => {
  for (const name of CLIENTS) {
    test(`gives all to ${name} alone`, needs(name), async (t) => {
      const scope = new Scope(t);
      const content = generateFolder(`to ${name}`);
      const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
      const leech = await startLeech(scope, name, torrent);
      const seed = startSeed(scope, [
        torrent,
        '-d',
        source,
        '--no-trackers',
        ...LOCAL,
        ...peerParameters([leech]),
      ]);
      await leech.finished();
      assertReceived([leech], content);
      const { downloaded } = await leech.counters();
      const given = await stop(seed);
      assert.ok(downloaded >= content.totalLength, `${downloaded} bytes received`);
      // From one seed nothing is asked for twice: both sides count the same.
      assert.equal(given, downloaded);
    });
  }

  test(
    'gives to all of them, who give to each other, found through opentracker',
    needs(...CLIENTS, 'opentracker'),
    async (t) => {
      const scope = new Scope(t);
      const content = generateFile('among all.bin', 24 * MIB, 256 * KIB);
      const tracker = await startOpentracker(scope, [content.infoHashHex]);
      const tiers = [[tracker.http]];
      const { torrent, source } = await makeWorkspace(scope, content, { tiers, withData: true });
      const leeches = await Promise.all(CLIENTS.map((name) => startLeech(scope, name, torrent)));
      await poll('three leeches at the tracker', TIMEOUT_MS, async () =>
        (await tracker.peerCount(content.infoHashHex)) === 3 ? true : null,
      );
      // Transmission dials no loopback address of a tracker and takes one connection from an address: spate, which has one of
      // its own, dials all. Limited, so that the others have something to give to each other.
      const place = ['-d', source, '--bind', '127.0.0.2'];
      const seed = startSeed(scope, [torrent, ...place, '--max-up', '6Mi']);
      await Promise.all(leeches.map((leech) => leech.finished()));
      assertReceived(leeches, content);
      const counters = await Promise.all(leeches.map((leech) => leech.counters()));
      const given = await stop(seed);
      const uploaded = counters.reduce((sum, counter) => sum + counter.uploaded, given);
      const downloaded = counters.reduce((sum, counter) => sum + counter.downloaded, 0);
      assertAgree(uploaded, downloaded, 'all together');
      assert.ok(given < downloaded, 'they gave to each other');
    },
  );

  test('gives to all of them while it still downloads', needs(...CLIENTS), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('passed on.bin', 16 * MIB, 128 * KIB);
    const { torrent, target } = await makeWorkspace(scope, content);
    const pace = { bytesPerSecond: MIB / 2 };
    const source = await startScriptedSeed(scope, content, pace);
    const leeches = await Promise.all(CLIENTS.map((name) => startLeech(scope, name, torrent)));
    const peers = peerParameters([source, ...leeches]);
    const between = startDownload(scope, [
      torrent,
      '-d',
      target,
      '--seed',
      '--no-trackers',
      ...LOCAL,
      ...peers,
    ]);
    // Transmission looks what it is interested in every 10 s.
    await poll('leeches that have got something', TIMEOUT_MS, async () => {
      const soFar = await Promise.all(leeches.map((leech) => leech.counters()));
      return soFar.every(({ downloaded }) => downloaded > 0) ? true : null;
    });
    assert.equal(between.all('completed').length, 0, 'it still downloads');
    pace.bytesPerSecond = 64 * MIB;
    await Promise.all(leeches.map((leech) => leech.finished()));
    assertReceived(leeches, content);
    const counters = await Promise.all(leeches.map((leech) => leech.counters()));
    const given = await stop(between);
    assertDownloaded(target, content);
    // They know of nobody else.
    assertAgree(
      given,
      counters.reduce((sum, { downloaded }) => sum + downloaded, 0),
      'all',
    );
    assert.deepEqual(source.violations, []);
  });

  test('gives to twenty leeches at once', needs(...CLIENTS), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('for twenty.bin', 16 * MIB + 4321, 256 * KIB);
    const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
    const many = await startLibtorrentLeeches(scope, { torrent, addresses: loopbackAddresses(110, 17) });
    const others = await Promise.all(
      (['aria2', 'aria2', 'transmission'] as const).map((name) => startLeech(scope, name, torrent)),
    );
    const seed = startSeed(scope, [
      torrent,
      '-d',
      source,
      '--no-trackers',
      ...LOCAL,
      ...peerParameters(others),
    ]);
    const { port } = await seed.event('listening', TIMEOUT_MS);
    await seed.event('completed', TIMEOUT_MS);
    many.connect('127.0.0.1', port);
    await Promise.all([many.finished(TIMEOUT_MS), ...others.map((leech) => leech.finished())]);
    assertReceived([...many.directories.map((directory) => ({ directory })), ...others], content);
    const counters = [
      ...(await many.status()),
      ...(await Promise.all(others.map((leech) => leech.counters()))),
    ];
    const given = await stop(seed);
    assert.equal(counters.length, 20);
    assert.equal(
      given,
      counters.reduce((sum, { downloaded }) => sum + downloaded, 0),
    );
    assert.equal(seed.all('peer-connected').length, 20, 'none had to come back');
  });
});
