/**
 * The other clients against each other and against the scripted seed, without the program under test: when these fail, the
 * harness or the machine is at fault, and what the rest of this folder says means nothing.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAria2Seed } from '../support/aria2-peer.ts';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile, generateTree } from '../support/content.ts';
import { startLibtorrent } from '../support/libtorrent-peer.ts';
import { startOpentracker } from '../support/opentracker.ts';
import { needs } from '../support/peers.ts';
import { poll } from '../support/processes.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { makeWorkspace } from '../support/workspace.ts';

const TIMEOUT_MS = 20_000;

describe('other clients without the program', { concurrency: true }, () => {
  test('libtorrent downloads from aria2', needs('libtorrent', 'aria2'), async (t) => {
    const scope = new Scope(t);
    const content = generateTree('harness', 40, 32 * 1024);
    const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
    const seed = await startAria2Seed(scope, { torrent, directory: source });
    const leech = await startLibtorrent(scope, { torrent, directory: target });
    leech.connect('127.0.0.1', seed.port);
    await leech.finished(TIMEOUT_MS);
    assertDownloaded(target, content);
  });

  for (const protocol of ['http', 'udp'] as const) {
    test(
      `libtorrent finds itself through opentracker over ${protocol}`,
      needs('libtorrent', 'opentracker'),
      async (t) => {
        const scope = new Scope(t);
        const content = generateTree(`harness-${protocol}`, 20, 32 * 1024);
        const tracker = await startOpentracker(scope, [content.infoHashHex]);
        const tiers = [[tracker[protocol]]];
        const { torrent, source, target } = await makeWorkspace(scope, content, { tiers, withData: true });
        await startLibtorrent(scope, { torrent, directory: source });
        await poll('seed at the tracker', TIMEOUT_MS, async () =>
          (await tracker.peerCount(content.infoHashHex)) > 0 ? true : null,
        );
        const leech = await startLibtorrent(scope, { torrent, directory: target });
        await leech.finished(TIMEOUT_MS);
        assertDownloaded(target, content);
      },
    );
  }

  test('libtorrent downloads from scripted seeds of which one lies', needs('libtorrent'), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('scripted.bin', 8 * 1024 * 1024 + 12345, 256 * 1024);
    const { torrent, target } = await makeWorkspace(scope, content);
    const honest = await startScriptedSeed(scope, content, { bytesPerSecond: 4 << 20 }, '127.20.0.1');
    const fast = await startScriptedSeed(
      scope,
      content,
      { bytesPerSecond: 4 << 20, usesFast: true },
      '127.20.0.2',
    );
    const liar = await startScriptedSeed(scope, content, { corruptEvery: 10 }, '127.20.0.3');
    const leech = await startLibtorrent(scope, { torrent, directory: target, encryption: false });
    for (const seed of [liar, honest, fast]) leech.connect(seed.address, seed.port);
    await leech.finished(TIMEOUT_MS);
    assertDownloaded(target, content);
    assert.ok(liar.corruptedBlocks > 0 && honest.blocksServed > 0 && fast.blocksServed > 0);
    assert.deepEqual([honest.violations, fast.violations], [[], []]);
  });
});
