/**
 * Owns one simulated world: time, network, names, web and trace, all from one seed, and what lives in it. The same seed and the
 * same steps give the same world to the last byte; {@link World.digest} tells.
 */
import { SeededRandom } from '../base/random.ts';
import { deriveSeed } from './derive-seed.ts';
import { Names } from './names.ts';
import { Network } from './network.ts';
import { type RunResult, Scheduler } from './scheduler.ts';
import { ScriptedSeed } from './scripted-seed.ts';
import { HONEST, type SeedBehaviour } from './seed-behaviour.ts';
import { SimClient, type SimClientOptions } from './sim-client.ts';
import { SimCrypto } from './sim-crypto.ts';
import { SimEntropy } from './sim-entropy.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import { createSimTorrent, type SimTorrent, type SimTorrentOptions } from './sim-torrent.ts';
import { SimTracker } from './sim-tracker.ts';
import { Trace } from './trace.ts';
import { Web } from './web.ts';

/** How a host of the world differs from the usual: a name and addresses it gets by itself. */
export type LineOptions = Omit<HostOptions, 'name' | 'addresses'>;

/** The port of everybody who need not choose. */
export const PEER_PORT = 6881;
const WEB_PORT = 80;

export class World {
  readonly seed: number;
  readonly trace: Trace;
  readonly scheduler = new Scheduler();
  readonly network: Network;
  readonly names = new Names();
  readonly web = new Web();
  readonly crypto = new SimCrypto();
  readonly seeds: ScriptedSeed[] = [];
  readonly clients: SimClient[] = [];

  /** A world that follows from `seed`; `keepLines` keeps the trace as text, to find where two runs part. */
  constructor(seed: number, keepLines = false) {
    this.seed = seed;
    this.trace = new Trace(keepLines);
    this.network = new Network(this.scheduler, this.random('network'), this.trace);
  }

  /** Stands for everything that could be observed so far. */
  get digest(): string {
    return this.trace.digest;
  }

  /** The generator of the part `name`. */
  random(name: string): SeededRandom {
    return new SeededRandom(deriveSeed(this.seed, name));
  }

  /** A host with an IPv4 and an IPv6 address of its own. */
  addHost(name: string, line: LineOptions = {}): SimHost {
    const number = this.network.hosts.length + 1;
    const addresses = [`20.0.${number >>> 8}.${number & 255}`, `2001:db8::${(0x1000 + number).toString(16)}`];
    return this.network.addHost({ name, addresses, ...line });
  }

  createTorrent(options: Omit<SimTorrentOptions, 'contentSeed'>): SimTorrent {
    const contentSeed = deriveSeed(this.seed, `content ${options.name}`);
    return createSimTorrent({ ...options, contentSeed }, this.crypto);
  }

  /** A tracker on a host of its own, at `http://NAME/announce`. */
  addTracker(name: string): SimTracker {
    const host = this.addHost(name);
    const tracker = new SimTracker(this.scheduler);
    this.names.set(name, host.addresses);
    this.web.register(host, WEB_PORT, tracker);
    return tracker;
  }

  /** A scripted seed on a host of its own that listens on {@link PEER_PORT}. */
  addSeed(
    name: string,
    torrent: SimTorrent,
    behaviour: Partial<SeedBehaviour> = {},
    line: LineOptions = {},
  ): ScriptedSeed {
    const host = this.addHost(name, line);
    const peerId = new Uint8Array(20);
    new SimEntropy(this.random(`peer id ${name}`)).fill(peerId);
    const seed = new ScriptedSeed(this.network, host, torrent, peerId, { ...HONEST, ...behaviour });
    seed.listen(PEER_PORT);
    this.seeds.push(seed);
    return seed;
  }

  /** Spate itself on a host of its own. */
  addClient(name: string, options: SimClientOptions = {}, line: LineOptions = {}): SimClient {
    const client = new SimClient(this, this.addHost(name, line), options);
    this.clients.push(client);
    return client;
  }

  /** Starts Spate again on the host and the device of one that died. */
  restart(dead: SimClient, options: SimClientOptions = {}): SimClient {
    dead.host.restore();
    // Files of a dead process are closed by its system.
    dead.fileSystem.openCount = 0;
    const client = new SimClient(this, dead.host, {
      stateFolder: dead.stateFolder,
      ...options,
      fileSystem: dead.fileSystem,
    });
    this.clients.push(client);
    return client;
  }

  /** Lets the world run until `isDone`, or for `limitMs`. */
  run(isDone: () => boolean, limitMs: number): RunResult {
    return this.scheduler.run(isDone, limitMs);
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    this.scheduler.advance(ms);
  }
}
