/** Programs that give while they still download: a slow seed is relieved by its leeches, and nobody is left behind. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile } from '../support/content.ts';
import { freePort } from '../support/free-port.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { type Spate, startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const TIMEOUT_MS = 60_000;

interface Member {
  readonly download: Spate;
  readonly target: string;
}

describe('leeches that give', { concurrency: true }, () => {
  for (const count of [2, 4]) {
    test(`${count} of them finish from a slow seed that gives little more than one copy`, async (t) => {
      const scope = new Scope(t);
      const content = generateFile(`swarm of ${count}.bin`, 12 * MIB, 128 * KIB);
      const { torrent } = await makeWorkspace(scope, content);
      const source = await startScriptedSeed(scope, content, { bytesPerSecond: 1.5 * MIB });
      const ports: number[] = [];
      for (let i = 0; i < count; i++) ports.push(await freePort());
      const members: Member[] = [];
      for (const [i, port] of ports.entries()) {
        const target = await scope.directory();
        const others = ports.slice(0, i).flatMap((other) => ['--peer', `127.0.0.1:${other}`]);
        const place = [torrent, '-d', target, '-p', `${port}`, '--no-trackers', '--bind', '127.0.0.1'];
        const download = startDownload(scope, [...place, '--seed', '--peer', source.endpoint, ...others]);
        members.push({ download, target });
        await download.event('listening', TIMEOUT_MS);
      }
      await Promise.all(members.map(({ download }) => download.event('completed', TIMEOUT_MS)));
      for (const { download } of members) download.program.kill('SIGINT');
      for (const { download } of members) await download.endsWith(130, TIMEOUT_MS);
      for (const { target } of members) assertDownloaded(target, content);
      assertCounters(
        members.map(({ download }) => download.all('stopped')[0]!),
        source.bytesServed,
      );
      const copies = source.bytesServed / content.totalLength;
      assert.ok(copies < 0.75 * count, `the seed had to give ${copies.toFixed(2)} copies`);
      assert.deepEqual(source.violations, []);
    });
  }
});

interface Counters {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
}

/** Fails unless each has given, and what all received is what all sent, blocks cut off by a close aside. */
function assertCounters(members: readonly Counters[], served: number): void {
  const given = members.reduce((sum, member) => sum + member.uploadedBytes, served);
  const taken = members.reduce((sum, member) => sum + member.downloadedBytes, 0);
  for (const { uploadedBytes } of members) assert.ok(uploadedBytes > 0, 'one gave nothing');
  assert.ok(given >= taken && given - taken <= members.length * MIB, `${given} bytes given, ${taken} taken`);
}
