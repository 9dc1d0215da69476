/**
 * Rate limits, measured at the other side of real sockets: within 5 % over ten seconds, shared fairly by peers and by
 * torrents, and changed while running.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../../src/client/index.ts';
import { generateFile, type TorrentContent } from '../support/content.ts';
import { Scope } from '../support/scope.ts';
import { connectLeech, type ScriptedLeech } from '../support/scripted-leech.ts';
import { type ScriptedSeed, startScriptedSeed } from '../support/scripted-peer.ts';
import { loopbackAddresses } from '../support/silent-addresses.ts';
import { seedingPort, startDownload, startSeed } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 30_000;
const LOCAL = ['--no-trackers', '--bind', '127.0.0.1'];
/** Before it is measured: the bucket that was full at the start is empty, the choker has decided. */
const SETTLE_MS = 1500;
const MEASURE_MS = 10_000;
/** What is asked for. */
const TOLERANCE = 0.05;
/** Shares of one limit over the time measured. */
const FAIRNESS = 0.2;

/** Bytes a second of each counter over `durationMs`. */
async function rates(counters: readonly (() => number)[], durationMs = MEASURE_MS): Promise<number[]> {
  const before = counters.map((counter) => counter());
  const startedAt = performance.now();
  await sleep(durationMs);
  const seconds = (performance.now() - startedAt) / 1000;
  return counters.map((counter, i) => (counter() - before[i]!) / seconds);
}

function assertNear(rate: number, expected: number, tolerance: number, what: string): void {
  const off = Math.abs(rate / expected - 1);
  assert.ok(off <= tolerance, `${what}: ${Math.round(rate)} bytes a second instead of ${expected}`);
}

/** All together give `total`, and each its part. */
function assertShared(shares: readonly number[], total: number): void {
  const sum = shares.reduce((a, b) => a + b, 0);
  assertNear(sum, total, TOLERANCE, `all (${shares.map(Math.round)})`);
  for (const share of shares) assertNear(share, total / shares.length, FAIRNESS, 'a share');
}

/** Leeches that never have enough. */
async function startLeeches(
  scope: Scope,
  content: TorrentContent,
  port: number,
  net: number,
  count: number,
): Promise<ScriptedLeech[]> {
  const leeches: ScriptedLeech[] = [];
  for (const address of loopbackAddresses(net, count)) {
    const leech = await connectLeech(scope, content, port, { address });
    await leech.unchoked();
    leech.fetch({ forever: true });
    leeches.push(leech);
  }
  return leeches;
}

const received = (leech: ScriptedLeech) => () => leech.receivedBytes;
const served = (seed: ScriptedSeed) => () => seed.bytesServed;

describe('a rate limit', { concurrency: true }, () => {
  test('--max-up is what five leeches get together, each its part', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('up.bin', 4 * MIB, 256 * KIB);
    const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
    const seed = startSeed(scope, [torrent, '-d', source, '--max-up', '2M', ...LOCAL]);
    const leeches = await startLeeches(scope, content, await seedingPort(seed, TIMEOUT_MS), 97, 5);
    await sleep(SETTLE_MS);
    assertShared(await rates(leeches.map(received)), 2e6);
  });

  test('--max-down is what two seeds give together', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('down.bin', 64 * MIB, 256 * KIB);
    const { torrent, target } = await makeWorkspace(scope, content);
    const seeds = [
      await startScriptedSeed(scope, content, {}, '127.98.0.1'),
      await startScriptedSeed(scope, content, { usesFast: true }, '127.98.0.2'),
    ];
    const peers = seeds.flatMap((seed) => ['--peer', seed.endpoint]);
    const download = startDownload(scope, [torrent, '-d', target, '--max-down', '3M', ...peers, ...LOCAL]);
    await Promise.all(seeds.map((seed) => seed.connected()));
    await sleep(SETTLE_MS);
    const each = await rates(seeds.map(served));
    assertNear(each[0]! + each[1]!, 3e6, TOLERANCE, 'both');
    for (const seed of seeds) assert.deepEqual(seed.violations, []);
    assert.ok(!download.program.hasExited);
  });

  test('both limits of a download that gives hold at once', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('both ways.bin', 64 * MIB, 64 * KIB);
    const { torrent, target } = await makeWorkspace(scope, content);
    const seed = await startScriptedSeed(scope, content);
    const limits = ['--max-down', '2Mi', '--max-up', '1Mi'];
    const download = startDownload(scope, [
      torrent,
      '-d',
      target,
      ...limits,
      '--peer',
      seed.endpoint,
      ...LOCAL,
    ]);
    const { port } = await download.event('listening', TIMEOUT_MS);
    const have = (count: number) => () => download.all('piece-verified').length >= count;
    await download.event('piece-verified', TIMEOUT_MS, have(16));
    const leech = await connectLeech(scope, content, port);
    await leech.unchoked();
    await leech.until(() => leech.seedHas.size >= 16);
    // A choked or foolish leech would measure nothing: it asks for one piece that is there, again and again.
    const [piece] = leech.seedHas;
    leech.repeat({ piece: piece!, begin: 0, length: 16 * KIB });
    await sleep(SETTLE_MS);
    const [down, up] = await rates([served(seed), received(leech)]);
    assertNear(down!, 2 * MIB, TOLERANCE, 'down');
    assertNear(up!, MIB, TOLERANCE, 'up');
  });

  test('two torrents share --max-up, and neither starves', async (t) => {
    const scope = new Scope(t);
    const contents = ['one.bin', 'two.bin'].map((name) => generateFile(name, 4 * MIB, 256 * KIB));
    const parameters: string[] = [];
    const directory = await scope.directory();
    for (const content of contents) {
      const { torrent } = await makeWorkspace(scope, content);
      parameters.push(torrent);
    }
    const sources = [];
    for (const content of contents) sources.push(await startScriptedSeed(scope, content));
    const peers = sources.flatMap((source) => ['--peer', source.endpoint]);
    const seed = startSeed(scope, [...parameters, '-d', directory, '--max-up', '1M', ...peers, ...LOCAL]);
    await seed.event('completed', TIMEOUT_MS, () => seed.all('completed').length === 2);
    const port = await seedingPort(seed, TIMEOUT_MS);
    // One torrent has four leeches, the other one has one.
    const many = await startLeeches(scope, contents[0]!, port, 99, 4);
    const few = await startLeeches(scope, contents[1]!, port, 100, 1);
    await sleep(SETTLE_MS);
    const each = await rates([...many, ...few].map(received));
    assertShared([each.slice(0, 4).reduce((a, b) => a + b, 0), each[4]!], 1e6);
  });

  test('two torrents share --max-down, and neither starves', async (t) => {
    const scope = new Scope(t);
    const contents = ['three.bin', 'four.bin'].map((name) => generateFile(name, 48 * MIB, 256 * KIB));
    const seeds: ScriptedSeed[] = [];
    const torrents: string[] = [];
    for (const content of contents) {
      torrents.push((await makeWorkspace(scope, content)).torrent);
      seeds.push(await startScriptedSeed(scope, content));
    }
    const peers = seeds.flatMap((seed) => ['--peer', seed.endpoint]);
    const directory = await scope.directory();
    startDownload(scope, [...torrents, '-d', directory, '--max-down', '2M', ...peers, ...LOCAL]);
    await Promise.all(seeds.map((seed) => seed.connected()));
    await sleep(SETTLE_MS);
    assertShared(await rates(seeds.map(served)), 2e6);
  });

  test('is changed while running, of all torrents and of one', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('changed.bin', 4 * MIB, 256 * KIB);
    const { torrent, source } = await makeWorkspace(scope, content, { withData: true });
    const client = await createClient({ bindAddress: '127.0.0.1', maxUpRate: 1_000_000 });
    scope.defer(() => client.close());
    const port = await seedWith(client, await readFile(torrent), source);
    const [leech] = await startLeeches(scope, content, port, 101, 1);
    const infoHash = content.infoHashHex;
    const measured = async (expected: number): Promise<void> => {
      await sleep(SETTLE_MS / 2);
      const [rate] = await rates([received(leech!)], 3000);
      assertNear(rate!, expected, TOLERANCE, 'what the leech gets');
    };
    await measured(1_000_000);
    await client.setLimits(null, { maxDownRate: 0, maxUpRate: 3_000_000 });
    await measured(3_000_000);
    await client.setLimits(infoHash, { maxDownRate: 0, maxUpRate: 500_000 });
    await measured(500_000);
    await client.setLimits(infoHash, { maxDownRate: 0, maxUpRate: 0 });
    await client.setLimits(null, { maxDownRate: 0, maxUpRate: 0 });
    const [rate] = await rates([received(leech!)], 1000);
    assert.ok(rate! > 20_000_000, `${rate} bytes a second without a limit`);
    assert.equal(leech!.wrongBlocks, 0);
  });
});

/** Adds the torrent and waits until it seeds; the port at which the client listens. */
async function seedWith(client: Client, metainfo: Uint8Array, directory: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let port = 0;
  client.subscribe((event) => {
    if (event.event === 'listening') port = event.port;
    else if (event.event === 'completed') resolve(port);
  });
  await client.add({ metainfo, directory, useTrackers: false, seed: { ratio: null, seedTimeMs: null } });
  return promise;
}
