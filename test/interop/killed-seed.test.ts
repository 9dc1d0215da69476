/**
 * Seeds that are killed in the middle of a download, as a machine that loses power: another takes over, or the same one comes
 * back, and nothing that had arrived is fetched again.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAria2Seed } from '../support/aria2-peer.ts';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile, type TorrentContent } from '../support/content.ts';
import { startLibtorrent } from '../support/libtorrent-peer.ts';
import { needs } from '../support/peers.ts';
import { Scope } from '../support/scope.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const MIB = 1024 ** 2;
const TIMEOUT_MS = 60_000;
/** Slow enough to be killed in between. */
const RATE = 12 * MIB;
const LOCAL = ['--no-trackers', '--bind', '127.0.0.1'];

/** Of all that came, what was not needed: blocks under way at the kill, doubles of the endgame. */
function assertLittleWaste(download: Spate, content: TorrentContent): void {
  const downloaded = download.all('completed')[0]?.downloadedBytes ?? 0;
  assert.ok(downloaded >= content.totalLength, `${downloaded} bytes downloaded`);
  assert.ok(
    downloaded <= content.totalLength * 1.05,
    `${downloaded} bytes downloaded of ${content.totalLength}`,
  );
}

describe('a libtorrent seed killed midway', { concurrency: true }, () => {
  test('is replaced by aria2, which serves the rest', needs('libtorrent', 'aria2'), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('killed.bin', 64 * MIB, MIB);
    const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
    const doomed = await startLibtorrent(scope, { torrent, directory: source });
    const other = await startAria2Seed(scope, { torrent, directory: source });
    doomed.limit(RATE);
    await other.limit(RATE);
    const peers = ['--peer', doomed.endpoint, '--peer', other.endpoint];
    const download = startDownload(scope, [torrent, '-d', target, ...peers, ...LOCAL]);
    await download.event('piece-verified', TIMEOUT_MS, () => download.all('piece-verified').length >= 8);
    doomed.program.kill('SIGKILL');
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assertLittleWaste(download, content);
  });

  test('is dialled again when it comes back', needs('libtorrent'), async (t) => {
    const scope = new Scope(t);
    const content = generateFile('returns.bin', 32 * MIB, MIB);
    const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
    const doomed = await startLibtorrent(scope, { torrent, directory: source });
    doomed.limit(RATE);
    const download = startDownload(scope, [torrent, '-d', target, '--peer', doomed.endpoint, ...LOCAL]);
    await download.event('piece-verified', TIMEOUT_MS, () => download.all('piece-verified').length >= 8);
    doomed.program.kill('SIGKILL');
    await doomed.program.exited;
    await startLibtorrent(scope, { torrent, directory: source, port: doomed.port });
    await download.endsWith(0, TIMEOUT_MS);
    assertDownloaded(target, content);
    assertLittleWaste(download, content);
  });
});
