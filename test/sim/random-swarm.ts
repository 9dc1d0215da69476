/**
 * Owns the random swarm: the seed chooses trackers, seeds that lie, die, stall or choke, lines, the size of the arena and of the
 * torrent, silent addresses, and whether Spate itself dies on the way. One honest seed can always be reached, so the leech
 * must finish in bounded virtual time, whatever else goes wrong.
 */
import type { SeededRandom } from '../../src/base/random.ts';
import { announcesInOrder } from '../../src/sim/checkers/announces-in-order.ts';
import { dataEqualsOracle } from '../../src/sim/checkers/data-equals-oracle.ts';
import { nothingLeft } from '../../src/sim/checkers/nothing-left.ts';
import { slotsConserved } from '../../src/sim/checkers/slots-conserved.ts';
import type { Silence } from '../../src/sim/seed-behaviour.ts';
import { DOWNLOAD_DIRECTORY, type SimClient } from '../../src/sim/sim-client.ts';
import type { SimTorrent } from '../../src/sim/sim-torrent.ts';
import type { SimTracker, TrackerMood } from '../../src/sim/sim-tracker.ts';
import { type LineOptions, PEER_PORT, World } from '../../src/sim/world.ts';

export interface RandomSwarmResult {
  readonly digest: string;
  /** Virtual time of completion. */
  readonly completedAtMs: number;
  /** What went wrong; empty when all is well. */
  readonly violations: readonly string[];
}

const KIB = 1024;
const LIMIT_MS = 30 * 60_000;
const CLOSE_LIMIT_MS = 15_000;
const MOODS: readonly TrackerMood[] = ['working', 'working', 'silent', 'failing', 'broken', 'lying'];
const SILENCES: readonly Silence[] = ['never', 'never', 'never', 'at-once', 'choking', 'when-asked'];
const UNLIMITED = Number.POSITIVE_INFINITY;

/** Builds, runs and judges the swarm of one seed. */
export function runRandomSwarm(seed: number): RandomSwarmResult {
  return new RandomSwarm(seed).run();
}

class RandomSwarm {
  readonly #world: World;
  readonly #choices: SeededRandom;
  readonly #tracker: SimTracker;
  readonly #torrent: SimTorrent;
  /** `HOST:PORT` of those that the user names. */
  readonly #userPeers: string[] = [];
  readonly #liars = new Set<string>();

  constructor(seed: number) {
    this.#world = new World(seed);
    this.#choices = this.#world.random('random swarm');
    this.#tracker = this.#world.addTracker('tracker.example');
    this.#tracker.mood = this.#pick(MOODS);
    this.#torrent = this.#createTorrent();
    const seedCount = this.#choices.below(9);
    for (let i = 0; i < seedCount; i++) this.#addSeed(i);
    const honest = this.#world.addSeed('honest', this.#torrent, { fast: this.#flip() }, this.#line());
    this.#userPeers.push(endpoint(honest.host.addresses[0]!));
    const silentCount = this.#choices.below(20);
    for (let i = 0; i < silentCount; i++) this.#userPeers.push(endpoint(`198.51.100.${i + 1}`));
  }

  run(): RandomSwarmResult {
    const world = this.#world;
    const options = {
      slots: this.#pick([4, 16, 64, 256, 1024]),
      diskLatencyMs: this.#pick([1, 10, 100]),
    };
    let leech = world.addClient('leech', options, this.#line());
    leech.download(this.#torrent, { peers: this.#userPeers });
    if (this.#choices.below(3) === 0) {
      world.advance(this.#choices.below(8000));
      leech.die(this.#pick(['killed', 'vanished']));
      world.advance(this.#choices.below(30_000));
      this.#tracker.announces.length = 0;
      leech = world.restart(leech, options);
      leech.download(this.#torrent, { peers: this.#userPeers });
    }
    world.run(() => leech.has('completed') || leech.has('error'), LIMIT_MS);
    const completedAtMs = world.scheduler.now;
    const violations = this.#judgeData(leech);
    leech.engine.close();
    world.run(() => leech.has('closed'), CLOSE_LIMIT_MS);
    world.advance(CLOSE_LIMIT_MS);
    violations.push(...this.#judgeRest(leech));
    return { digest: world.digest, completedAtMs, violations };
  }

  #judgeData(leech: SimClient): string[] {
    if (leech.has('completed')) return dataEqualsOracle(leech.fileSystem, DOWNLOAD_DIRECTORY, this.#torrent);
    const error = leech.find('error');
    const snapshot = leech.engine.torrentSnapshots()[0];
    return [`not complete: ${JSON.stringify(error ?? snapshot)}`];
  }

  #judgeRest(leech: SimClient): string[] {
    const violations = [...slotsConserved(leech.arena), ...nothingLeft(leech)];
    for (const seed of this.#world.seeds) violations.push(...seed.complaints);
    if (this.#tracker.mood === 'working')
      violations.push(...announcesInOrder(this.#tracker.announces, 60_000));
    for (const { peer, isBanned } of leech.all('peer-disconnected')) {
      if (isBanned && !this.#liars.has(peer)) violations.push(`${peer} is banned and did not lie`);
    }
    return violations;
  }

  #createTorrent(): SimTorrent {
    const fileLengths = Array.from({ length: this.#choices.below(6) }, () =>
      this.#pick([0, 1, 16 * KIB, this.#choices.below(100_000), this.#choices.below(900_000)]),
    );
    fileLengths.push(1 + this.#choices.below(1_500_000));
    const pieceLength = this.#pick([16, 32, 64, 256, 1024]) * KIB;
    const trackers = [['http://tracker.example/announce']];
    return this.#world.createTorrent({ name: 'swarm', pieceLength, fileLengths, trackers });
  }

  #addSeed(number: number): void {
    const corruptOneIn = this.#pick([0, 0, 1, 2, 5, 10]);
    const behaviour = {
      silence: this.#pick(SILENCES),
      corruptOneIn,
      diesAfterBlocks: this.#pick([UNLIMITED, UNLIMITED, 3, 30]),
      death: this.#pick(['killed', 'vanished'] as const),
      blockDelayMs: this.#pick([0, 0, 5, 500]),
      fast: this.#flip(),
    };
    const seed = this.#world.addSeed(`seed ${number}`, this.#torrent, behaviour, this.#line());
    const address = this.#pick(seed.host.addresses);
    if (corruptOneIn > 0) this.#liars.add(endpoint(address));
    this.#tracker.addPeer(this.#torrent.metainfo.infoHashV1!, address, PEER_PORT, 0);
    if (this.#flip()) this.#userPeers.push(endpoint(address));
  }

  #line(): LineOptions {
    return {
      latencyMs: 1 + this.#choices.below(150),
      jitterMs: this.#choices.below(40),
      upBytesPerSecond: this.#pick([UNLIMITED, 50 * KIB, 300 * KIB, 2000 * KIB]),
      downBytesPerSecond: this.#pick([UNLIMITED, 2000 * KIB, 500 * KIB]),
      loss: this.#pick([0, 0, 0.01, 0.05]),
    };
  }

  #flip(): boolean {
    return this.#choices.below(2) === 0;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#choices.below(values.length)]!;
  }
}

function endpoint(address: string): string {
  return address.includes(':') ? `[${address}]:${PEER_PORT}` : `${address}:${PEER_PORT}`;
}
