/** An HTTPS tracker with a certificate of an authority of our own: trusted when told so, refused with a reason when not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertDownloaded } from '../support/compare.ts';
import { generateFile } from '../support/content.ts';
import { RecordingTracker } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';
import { startScriptedSeed } from '../support/scripted-peer.ts';
import { startDownload } from '../support/spate.ts';
import { makeWorkspace } from '../support/workspace.ts';

const KIB = 1024;
const TIMEOUT_MS = 30_000;

async function startSwarm(
  scope: Scope,
  environment: Readonly<Record<string, string>>,
  further: readonly string[],
) {
  const content = generateFile('secret.bin', 512 * KIB, 32 * KIB);
  const tracker = await RecordingTracker.start(scope, { protocol: 'https' });
  const seed = await startScriptedSeed(scope, content);
  tracker.addPeer(content.infoHashHex, { address: seed.address, port: seed.port }, true);
  const { torrent, target } = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
  const parameters = [torrent, '-d', target, '--bind', '127.0.0.1', ...further];
  return { content, tracker, target, download: startDownload(scope, parameters, { environment }) };
}

test('peers come from an HTTPS tracker whose authority is in NODE_EXTRA_CA_CERTS', async (t) => {
  const scope = new Scope(t);
  const environment = { NODE_EXTRA_CA_CERTS: RecordingTracker.caFile };
  const { content, tracker, target, download } = await startSwarm(scope, environment, []);
  await download.endsWith(0, TIMEOUT_MS);
  assertDownloaded(target, content);
  assert.deepEqual(tracker.events(), ['started', 'completed', 'stopped']);
});

test('an HTTPS tracker of an unknown authority hears nothing, and the reason is told', async (t) => {
  const scope = new Scope(t);
  const { tracker, download } = await startSwarm(scope, { NODE_EXTRA_CA_CERTS: '' }, [
    '--stall-timeout',
    '2s',
  ]);
  await download.endsWith(1, TIMEOUT_MS);
  assert.deepEqual(tracker.announces, []);
  const announce = download.all('tracker')[0];
  assert.equal(announce?.ok, false);
  assert.match(announce?.message ?? '', /certificate/i);
  download.assertSays(/certificate/i);
});
