/**
 * What a seed says to its tracker while it gives, and how it ends: by itself when `--ratio` or `--seed-time` is reached,
 * with exit code 0, and by Ctrl+C. Its counters are compared with what a scripted leech received.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile, type TorrentContent } from '../support/content.ts';
import { RecordingTracker } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';
import { connectLeech, type ScriptedLeech } from '../support/scripted-leech.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { type Spate, seedingPort, startDownload, startSeed } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 30_000;
const LOCAL = ['--bind', '127.0.0.1'];
/** The shortest interval that is obeyed. */
const INTERVAL_SECONDS = 5;

interface Seeding {
  readonly content: TorrentContent;
  readonly tracker: RecordingTracker;
  readonly seed: Spate;
  readonly port: number;
}

async function startSeeding(
  scope: Scope,
  name: string,
  parameters: readonly string[] = [],
): Promise<Seeding> {
  const content = generateFile(name, 2 * MIB + 99, 64 * KIB);
  const tracker = await RecordingTracker.start(scope);
  tracker.reply = { peers: [], intervalSeconds: INTERVAL_SECONDS };
  const tiers = [[tracker.url]];
  const { torrent, source } = await makeWorkspace(scope, content, { tiers, withData: true });
  const seed = startSeed(scope, [torrent, '-d', source, ...LOCAL, ...parameters]);
  return { content, tracker, seed, port: await seedingPort(seed, TIMEOUT_MS) };
}

/** A leech that asks for everything, `forever` again and again. */
async function startLeech(scope: Scope, seeding: Seeding, forever: boolean): Promise<ScriptedLeech> {
  const leech = await connectLeech(scope, seeding.content, seeding.port);
  await leech.unchoked();
  leech.fetch({ forever, depth: 16 });
  return leech;
}

describe('a seed and its tracker', { concurrency: true }, () => {
  test('it announces what it gave, and says goodbye when Ctrl+C ends it', async (t) => {
    const scope = new Scope(t);
    const seeding = await startSeeding(scope, 'announced.bin');
    const { content, tracker, seed } = seeding;
    const leech = await startLeech(scope, seeding, false);
    await leech.until(() => leech.receivedBytes === content.totalLength);
    const periodic = await tracker.waitFor(({ event, uploaded }) => event === 'none' && uploaded > 0);
    assert.equal(periodic.uploaded, content.totalLength);
    seed.program.kill('SIGINT');
    await seed.endsWith(130, TIMEOUT_MS);
    const last = tracker.announces.at(-1);
    assert.equal(last?.event, 'stopped');
    assert.equal(last.uploaded, content.totalLength);
    assert.ok(!tracker.events().includes('completed'), 'it did not download it');
    for (const { downloaded, left } of tracker.announces) assert.deepEqual([downloaded, left], [0, 0]);
    assert.equal(seed.all('stopped')[0]?.uploadedBytes, content.totalLength);
    assert.equal(seed.all('stopped')[0]?.trackersToldStopped, 1);
  });

  test('--ratio ends it when that much was given', async (t) => {
    const scope = new Scope(t);
    const seeding = await startSeeding(scope, 'ratio.bin', ['--ratio', '1.5', '--max-up', '2Mi']);
    const { content, tracker, seed } = seeding;
    const leech = await startLeech(scope, seeding, true);
    await seed.endsWith(0, TIMEOUT_MS);
    const [reached] = seed.all('share-limit');
    assert.equal(reached?.limit, 'ratio');
    const given = seed.all('stopped')[0]?.uploadedBytes ?? 0;
    assert.ok(given >= 1.5 * content.totalLength, `${given} bytes given`);
    // It looks once a second.
    assert.ok(given <= 1.5 * content.totalLength + 3 * MIB, `${given} bytes given`);
    assert.ok(
      leech.receivedBytes <= given && leech.receivedBytes > given - MIB,
      `${leech.receivedBytes} came`,
    );
    assert.equal(leech.wrongBlocks, 0);
    assert.deepEqual(tracker.events(), ['started', 'stopped']);
    assert.equal(tracker.announces.at(-1)?.uploaded, given);
  });

  test('--seed-time ends it when that time is over', async (t) => {
    const scope = new Scope(t);
    const { tracker, seed } = await startSeeding(scope, 'time.bin', ['--seed-time', '2s']);
    await seed.endsWith(0, TIMEOUT_MS);
    const [reached] = seed.all('share-limit');
    assert.equal(reached?.limit, 'time');
    assert.ok(reached.seedingMs >= 2000 && reached.seedingMs < 4500, `${reached.seedingMs} ms`);
    assert.deepEqual(tracker.events(), ['started', 'stopped']);
  });

  test('two torrents end one after the other, each by its own ratio', async (t) => {
    const scope = new Scope(t);
    const contents = ['one.bin', 'two.bin'].map((name) => generateFile(name, MIB, 64 * KIB));
    const workspaces = [];
    for (const content of contents) workspaces.push(await makeWorkspace(scope, content, { withData: true }));
    const [one, two] = workspaces;
    const data = [one!.torrent, two!.torrent, '-d', one!.source];
    // The second one is fetched first: a seed may begin with nothing.
    const source = await startScriptedSeed(scope, contents[1]!);
    const seed = startSeed(scope, [...data, ...LOCAL, '--peer', source.endpoint, '--ratio', '1']);
    await seed.event('completed', TIMEOUT_MS, () => seed.all('completed').length === 2);
    const port = await seedingPort(seed, TIMEOUT_MS);
    for (const content of contents) {
      const leech = await connectLeech(scope, content, port);
      await leech.unchoked();
      leech.fetch();
      await seed.event('stopped', TIMEOUT_MS, ({ infoHash }) => infoHash === content.infoHashHex);
      assert.equal(leech.receivedBytes, content.totalLength);
    }
    await seed.endsWith(0, TIMEOUT_MS);
    assert.deepEqual(
      seed.all('share-limit').map(({ limit }) => limit),
      ['ratio', 'ratio'],
    );
  });

  test('a download goes on as a seed with --seed, says completed once, and gives', async (t) => {
    const scope = new Scope(t);
    const content = generateFile('both.bin', 2 * MIB, 64 * KIB);
    const tracker = await RecordingTracker.start(scope);
    const source = await startScriptedSeed(scope, content);
    tracker.reply = { peers: [{ address: source.address, port: source.port }] };
    const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
    const download = startDownload(scope, [torrent, '-d', target, '--seed', ...LOCAL]);
    const leech = await connectLeech(scope, content, await seedingPort(download, TIMEOUT_MS));
    await leech.unchoked();
    leech.fetch();
    await leech.until(() => leech.receivedBytes === content.totalLength);
    assert.equal(leech.wrongBlocks, 0);
    download.program.kill('SIGINT');
    await download.endsWith(130, TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.deepEqual(tracker.events(), ['started', 'completed', 'stopped']);
    const { uploaded, downloaded, left } = tracker.announces.at(-1)!;
    assert.deepEqual([uploaded, downloaded, left], [content.totalLength, content.totalLength, 0]);
  });
});
