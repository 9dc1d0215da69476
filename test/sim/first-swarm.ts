/**
 * Owns the first swarm: one leech that is Spate itself, one tracker, three scripted seeds of which one dies and one lies. Every
 * line, the moment of the death and the lies follow from the seed.
 */
import { announcesInOrder } from '../../src/sim/checkers/announces-in-order.ts';
import { dataEqualsOracle } from '../../src/sim/checkers/data-equals-oracle.ts';
import { nothingLeft } from '../../src/sim/checkers/nothing-left.ts';
import { slotsConserved } from '../../src/sim/checkers/slots-conserved.ts';
import type { ScriptedSeed } from '../../src/sim/scripted-seed.ts';
import { DOWNLOAD_DIRECTORY, type SimClient } from '../../src/sim/sim-client.ts';
import type { SimTorrent } from '../../src/sim/sim-torrent.ts';
import type { SimTracker } from '../../src/sim/sim-tracker.ts';
import { type LineOptions, PEER_PORT, World } from '../../src/sim/world.ts';

export interface FirstSwarm {
  readonly world: World;
  readonly torrent: SimTorrent;
  readonly tracker: SimTracker;
  readonly honest: ScriptedSeed;
  readonly dying: ScriptedSeed;
  readonly liar: ScriptedSeed;
  readonly leech: SimClient;
  readonly infoHash: string;
}

export interface FirstSwarmResult {
  readonly digest: string;
  readonly records: number;
  readonly isComplete: boolean;
  /** Virtual time of completion. */
  readonly completedAtMs: number;
  readonly liarIsBanned: boolean;
  /** What the checkers found; empty when all is well. */
  readonly violations: readonly string[];
}

const KIB = 1024;
/** How soon a client may come back to a tracker that names no least interval. */
const MIN_ANNOUNCE_MS = 120_000;
/** Longer than any seed of this swarm needs. */
const COMPLETION_LIMIT_MS = 300_000;
/** Goodbyes to trackers take 3 s at most; connections linger 10 s at most. */
const CLOSE_LIMIT_MS = 15_000;

/** Builds the swarm; nothing has happened yet. */
export function createFirstSwarm(seed: number, keepLines = false): FirstSwarm {
  const world = new World(seed, keepLines);
  const choices = world.random('first swarm');
  const line = (): LineOptions => ({
    latencyMs: 2 + choices.below(60),
    jitterMs: choices.below(10),
    upBytesPerSecond: (200 + choices.below(800)) * KIB,
    downBytesPerSecond: (1000 + choices.below(4000)) * KIB,
    loss: choices.below(3) / 1000,
  });
  const tracker = world.addTracker('tracker.example');
  const torrent = world.createTorrent({
    name: 'swarm',
    pieceLength: 64 * KIB,
    fileLengths: [1, 700_001 + choices.below(5000), 0, 2_000_000 + choices.below(5000), 300_000],
    trackers: [['http://tracker.example/announce']],
  });
  const honest = world.addSeed('honest', torrent, {}, line());
  const dying = world.addSeed(
    'dying',
    torrent,
    {
      diesAfterBlocks: 5 + choices.below(20),
      death: choices.below(2) === 0 ? 'killed' : 'vanished',
      fast: choices.below(2) === 0,
    },
    line(),
  );
  const liar = world.addSeed('liar', torrent, { corruptOneIn: 3 + choices.below(4) }, line());
  for (const one of [honest, dying, liar]) {
    tracker.addPeer(torrent.metainfo.infoHashV1!, one.host.addresses[choices.below(2)]!, PEER_PORT, 0);
  }
  const leech = world.addClient('leech', {}, line());
  const infoHash = leech.download(torrent);
  return { world, torrent, tracker, honest, dying, liar, leech, infoHash };
}

/** Lets the swarm run until the leech is complete, closes it, and lets the checkers judge. */
export function runFirstSwarm(swarm: FirstSwarm): FirstSwarmResult {
  const { world, torrent, tracker, leech, liar } = swarm;
  world.run(() => leech.has('completed') || leech.has('error'), COMPLETION_LIMIT_MS);
  const completedAtMs = world.scheduler.now;
  const isComplete = leech.has('completed');
  const violations = isComplete ? dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, torrent) : [];
  leech.engine.close();
  world.run(() => leech.has('closed'), CLOSE_LIMIT_MS);
  world.advance(CLOSE_LIMIT_MS);
  violations.push(...slotsConserved(leech.arena), ...nothingLeft(leech));
  violations.push(...announcesInOrder(tracker.announces, MIN_ANNOUNCE_MS));
  for (const one of world.seeds) violations.push(...one.complaints);
  const bans = leech.all('peer-disconnected').filter((event) => event.isBanned);
  const isLiar = (peer: string): boolean => liar.host.addresses.some((address) => peer.includes(address));
  for (const { peer } of bans) if (!isLiar(peer)) violations.push(`${peer} is banned and did not lie`);
  return {
    digest: world.digest,
    records: world.trace.count,
    isComplete,
    completedAtMs,
    liarIsBanned: bans.some(({ peer }) => isLiar(peer)),
    violations,
  };
}
