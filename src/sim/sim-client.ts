/**
 * Owns one running Spate of the simulated world: the same engine and the same disk core as on a real machine, on simulated
 * ports, with a memory file system. Its events are kept, and part of the trace.
 */
import { Arena } from '../base/arena.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { Engine, RateLimits, TorrentRequest } from '../engine/api.ts';
import type { EngineEvent, EventSink } from '../engine/events.ts';
import { Session } from '../engine/session.ts';
import type { Log } from '../ports/log.ts';
import { SimDatagrams } from './datagrams.ts';
import { InlineDisk } from './inline-disk.ts';
import { MemoryFileSystem } from './memory-file-system.ts';
import { type MemoryStateFolder, MemoryStateStore } from './memory-state-store.ts';
import { PlainBlockCopy } from './plain-block-copy.ts';
import { SimEntropy } from './sim-entropy.ts';
import type { SimHost } from './sim-host.ts';
import { SimHttp } from './sim-http.ts';
import { SimResolver } from './sim-resolver.ts';
import { SimTime } from './sim-time.ts';
import type { SimTorrent } from './sim-torrent.ts';
import { SimTransport } from './sim-transport.ts';
import type { World } from './world.ts';

export interface SimClientOptions {
  /** 16 KiB slots of the arena. Default 256. */
  readonly slots?: number;
  readonly maxPeersPerTorrent?: number;
  readonly limits?: RateLimits;
  readonly maxConnections?: number;
  readonly diskLatencyMs?: number;
  /** The device that it writes to; a new one when absent, the old one after a restart. */
  readonly fileSystem?: MemoryFileSystem;
  /** Where its state is remembered; null remembers nothing. Default null, the old one after a restart. */
  readonly stateFolder?: MemoryStateFolder | null;
  /** Name of this boot of the machine. Default `boot`. */
  readonly bootId?: string;
}

/** Where every client of the world puts its files. */
export const DOWNLOAD_DIRECTORY = '/downloads';

const FIRST_PORT = 6881;
const LAST_PORT = 6889;
/** 14 November 2023. */
const WALL_CLOCK_ORIGIN = 1_700_000_000_000;
/** Clocks begin anywhere in the first days of a machine. */
const MAX_CLOCK_ORIGIN = 1_000_000_000;

const SILENT_LOG: Log = { debug() {}, info() {}, warn() {} };

const UNLIMITED: RateLimits = { maxDownRate: 0, maxUpRate: 0 };

export class SimClient implements EventSink {
  readonly host: SimHost;
  readonly engine: Engine;
  readonly arena: Arena;
  readonly fileSystem: MemoryFileSystem;
  readonly disk: InlineDisk;
  readonly stateFolder: MemoryStateFolder | null;
  readonly #store: MemoryStateStore | null;
  readonly time: SimTime;
  readonly http: SimHttp;
  readonly events: EngineEvent[] = [];
  readonly #world: World;

  constructor(world: World, host: SimHost, options: SimClientOptions) {
    const { scheduler, network, names, web, crypto } = world;
    this.#world = world;
    this.host = host;
    this.arena = new Arena((options.slots ?? 256) * BLOCK_LENGTH);
    this.fileSystem =
      options.fileSystem ?? new MemoryFileSystem({ now: () => WALL_CLOCK_ORIGIN + scheduler.now });
    const name = `${host.name} ${host.generation}`;
    const origin = world.random(`clock ${name}`).below(MAX_CLOCK_ORIGIN);
    this.time = new SimTime(scheduler, { origin, wallClockOrigin: WALL_CLOCK_ORIGIN });
    this.http = new SimHttp(network, host, names, web);
    this.disk = new InlineDisk({
      memory: this.arena.memory,
      fileSystem: this.fileSystem,
      crypto,
      time: this.time,
      scheduler,
      latencyMs: options.diskLatencyMs ?? 1,
    });
    this.stateFolder = options.stateFolder ?? null;
    this.#store =
      this.stateFolder === null
        ? null
        : new MemoryStateStore({ folder: this.stateFolder, time: this.time, scheduler });
    const ports = {
      time: this.time,
      transport: new SimTransport(network, host),
      datagrams: new SimDatagrams(network, host),
      resolver: new SimResolver(network, host, names),
      http: this.http,
      disk: this.disk,
      store: this.#store,
      arena: this.arena,
      blockCopy: new PlainBlockCopy(),
      crypto,
      random: world.random(`choices ${name}`),
      entropy: new SimEntropy(world.random(`entropy ${name}`)),
      log: SILENT_LOG,
      events: this,
    };
    this.engine = new Session(ports, {
      firstPort: FIRST_PORT,
      lastPort: LAST_PORT,
      bindAddress: null,
      maxPeersPerTorrent: options.maxPeersPerTorrent ?? 200,
      maxConnections: options.maxConnections ?? 4000,
      bootId: options.bootId ?? 'boot',
      partsFolder: this.stateFolder === null ? null : '/state/parts',
      limits: options.limits ?? UNLIMITED,
    });
    this.engine.start();
  }

  /** Starts `torrent`, everything wanted, into {@link DOWNLOAD_DIRECTORY}; its info hash in hexadecimal. */
  download(torrent: SimTorrent, request: Partial<TorrentRequest> = {}): string {
    return this.engine.addTorrent({
      metainfo: torrent.metainfo,
      metainfoBytes: null,
      directory: DOWNLOAD_DIRECTORY,
      selectedFiles: null,
      peers: [],
      useTrackers: true,
      overwrite: false,
      seed: null,
      limits: UNLIMITED,
      ...request,
    });
  }

  emit(event: EngineEvent): void {
    this.events.push(event);
    this.#world.trace.note(this.#world.scheduler.now, 'event', `${this.host.name} ${JSON.stringify(event)}`);
  }

  /** The first event of that name, or undefined. */
  find<Name extends EngineEvent['event']>(name: Name): Extract<EngineEvent, { event: Name }> | undefined {
    return this.all(name)[0];
  }

  /** All events of that name. */
  all<Name extends EngineEvent['event']>(name: Name): Extract<EngineEvent, { event: Name }>[] {
    return this.events.filter(
      (event): event is Extract<EngineEvent, { event: Name }> => event.event === name,
    );
  }

  has(name: EngineEvent['event']): boolean {
    return this.events.some((event) => event.event === name);
  }

  /** The process is killed, or the machine switched off: nothing is said to anybody. */
  die(death: 'killed' | 'vanished'): void {
    this.time.stop();
    this.disk.stop();
    this.#store?.stop();
    if (death === 'killed') this.host.killPrograms();
    else this.host.vanish();
  }
}
