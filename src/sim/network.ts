/**
 * Owns the simulated network: which host has which address, how long the way between two hosts is, and what becomes of
 * those who dial an address that no host has.
 *
 * Every choice (jitter, loss, where a stream is cut) comes from the one seeded generator that it is given.
 */
import { assert } from '../base/assert.ts';
import { isLoopback } from '../base/endpoint.ts';
import type { Random } from '../base/random.ts';
import { DownLink, UpLink } from './link.ts';
import type { Scheduler } from './scheduler.ts';
import { type HostOptions, SimHost } from './sim-host.ts';
import { MAX_CHUNK_BYTES } from './stream.ts';
import type { Trace } from './trace.ts';

/** What dialling an address without a host leads to; `black-hole` (the default) is silence. */
export type AddressFate = 'black-hole' | 'unreachable' | 'refused';

/** The way of a packet that does not leave its host. */
const LOOPBACK_MS = 1 / 64;
/** How far the places are at which a dial to nowhere ends. */
const NOWHERE_MS = 20;

const LOSS_STEPS = 1_000_000;

export class Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly hosts: SimHost[] = [];
  /** Lent to readers for the length of a call; room for a chunk at any of the first places. */
  readonly receiveBuffer = new Uint8Array(MAX_CHUNK_BYTES + 64);
  readonly #byAddress = new Map<string, SimHost>();
  readonly #fates = new Map<string, AddressFate>();
  readonly #loopbackUp: UpLink;
  readonly #loopbackDown: DownLink;
  #connectionCount = 0;

  constructor(scheduler: Scheduler, random: Random, trace: Trace) {
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.#loopbackUp = new UpLink(scheduler, Number.POSITIVE_INFINITY);
    this.#loopbackDown = new DownLink(scheduler, Number.POSITIVE_INFINITY);
  }

  addHost(options: HostOptions): SimHost {
    const host = new SimHost(this.hosts.length, options, this.scheduler);
    for (const address of options.addresses) {
      assert(!this.#byAddress.has(address), `two hosts have ${address}`);
      this.#byAddress.set(address, host);
    }
    this.hosts.push(host);
    return host;
  }

  /** The host that `from` reaches at `address`, switched off or not, or null. */
  hostAt(from: SimHost, address: string): SimHost | null {
    return isLoopback(address) ? from : (this.#byAddress.get(address) ?? null);
  }

  setFate(address: string, fate: AddressFate): void {
    this.#fates.set(address, fate);
  }

  fateOf(address: string): AddressFate {
    return this.#fates.get(address) ?? 'black-hole';
  }

  /** Milliseconds of one packet's way; drawn anew for each. */
  delay(from: SimHost, to: SimHost): number {
    if (from === to) return LOOPBACK_MS;
    const jitterMs = from.jitterMs + to.jitterMs;
    const jitter = jitterMs === 0 ? 0 : (this.random.uint32() / 0x1_0000_0000) * jitterMs;
    return from.latencyMs + to.latencyMs + jitter;
  }

  /** Milliseconds of a packet's way from `from` to where an address without a host would be. */
  delayToNowhere(from: SimHost): number {
    return from.latencyMs + NOWHERE_MS;
  }

  /** Draws whether a packet on this way is lost. */
  losesPacket(from: SimHost, to: SimHost): boolean {
    if (from === to || (from.loss === 0 && to.loss === 0)) return false;
    const loss = 1 - (1 - from.loss) * (1 - to.loss);
    return this.random.below(LOSS_STEPS) < loss * LOSS_STEPS;
  }

  upLink(from: SimHost, to: SimHost): UpLink {
    return from === to ? this.#loopbackUp : from.up;
  }

  downLink(from: SimHost, to: SimHost): DownLink {
    return from === to ? this.#loopbackDown : to.down;
  }

  /** A new number for a connection: its identity in traces. */
  nextConnectionNumber(): number {
    return ++this.#connectionCount;
  }
}
