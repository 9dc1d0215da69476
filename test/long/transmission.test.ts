/** A generated file of 1 GiB from Transmission alone: it gives about 13 MiB/s. */
import { test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile } from '../support/content.ts';
import { needs } from '../support/peers.ts';
import { Scope } from '../support/scope.ts';
import { startDownload } from '../support/spate.ts';
import { startTransmissionSeed } from '../support/transmission-seed.ts';
import { makeWorkspace } from '../support/workspace.ts';

const MIB = 1024 ** 2;
const TIMEOUT_MS = 600_000;

test('a file of 1 GiB comes whole from transmission', needs('transmission'), async (t) => {
  const scope = new Scope(t);
  const content = generateFile('one gibibyte.bin', 1024 * MIB, MIB);
  const { torrent, source, target } = await makeWorkspace(scope, content, { withData: true });
  const seed = await startTransmissionSeed(scope, { torrent, directory: source });
  const local = ['--no-trackers', '--bind', '127.0.0.1'];
  const download = startDownload(scope, [torrent, '-d', target, '--peer', seed.endpoint, ...local]);
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
});
