/**
 * Owns a small swarm on loopback for tests of the views: one torrent, a tracker that knows its seeds, and seeds of chosen
 * rates on addresses of their own.
 */
import { GeneratedBytes, makeContent, type TorrentContent } from '../../support/content.ts';
import { RecordingTracker } from '../../support/recording-tracker.ts';
import type { Scope } from '../../support/scope.ts';
import { type ScriptedSeed, startScriptedSeed } from '../../support/scripted-peer.ts';
import { makeWorkspace, type Workspace } from '../../support/workspace.ts';

export interface Swarm {
  readonly content: TorrentContent;
  readonly workspace: Workspace;
  readonly tracker: RecordingTracker;
  readonly seeds: readonly ScriptedSeed[];
  /** `spate download` of this torrent, from the tracker, on loopback. */
  readonly parameters: readonly string[];
}

/** Starts a seed for each of `rates` (bytes a second). */
export async function startSwarm(
  scope: Scope,
  content: TorrentContent,
  rates: readonly number[],
): Promise<Swarm> {
  const tracker = await RecordingTracker.start(scope);
  const workspace = await makeWorkspace(scope, content, { tiers: [[tracker.url]] });
  const seeds = await Promise.all(
    rates.map((bytesPerSecond, index) =>
      startScriptedSeed(scope, content, { bytesPerSecond }, `127.0.0.${index + 2}`),
    ),
  );
  tracker.reply = { peers: seeds.map(({ address, port }) => ({ address, port })) };
  const parameters = ['download', workspace.torrent, '-d', workspace.target, '--bind', '127.0.0.1'];
  // Named as well, because only peers that a person names are trusted on loopback.
  const peers = seeds.flatMap(({ endpoint }) => ['--peer', endpoint]);
  return { content, workspace, tracker, seeds, parameters: [...parameters, ...peers] };
}

/** A torrent of a few files in folders, one of them named as people name things. */
export function smallTree(name = 'field recordings 2024', length = 4_000_000): TorrentContent {
  return makeContent({
    name,
    pieceLength: 32 * 1024,
    source: new GeneratedBytes(name),
    files: [
      { path: 'disc 1/01 dawn chorus.flac', length: Math.floor(length * 0.4) },
      { path: 'disc 1/02 rain on a tin roof.flac', length: Math.floor(length * 0.3) },
      { path: 'disc 2/春の鳥 🐦.flac', length: Math.floor(length * 0.29) },
      { path: 'notes.txt', length: Math.floor(length * 0.01) },
    ],
  });
}
