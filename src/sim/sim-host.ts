/**
 * Owns one machine of the simulated network: its addresses, its line, and the tables that its system keeps of ports and
 * connections. What runs on it is not its business.
 */
import { assert } from '../base/assert.ts';
import { isIPv6 } from '../base/endpoint.ts';
import type { SimDatagramSocket } from './datagrams.ts';
import { DownLink, UpLink } from './link.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimConnection } from './sim-connection.ts';
import type { SimListener } from './sim-transport.ts';

export interface HostOptions {
  readonly name: string;
  /** Canonical addresses; the first of a family is the one that it dials from. */
  readonly addresses: readonly string[];
  /** One way, to the middle of the network. */
  readonly latencyMs?: number;
  /** Added to the latency at random, up to this much. */
  readonly jitterMs?: number;
  /** Default: no limit. */
  readonly upBytesPerSecond?: number;
  readonly downBytesPerSecond?: number;
  /** Share of packets that its line loses, 0 to 1. */
  readonly loss?: number;
}

/** An entry of a host's port table. */
export interface BoundPort {
  /** The address bound to; `0.0.0.0` and `::` are any. */
  readonly address: string;
  readonly port: number;
}

/** Where ports that nobody chose begin. */
const FIRST_FREE_PORT = 32_768;
const LAST_FREE_PORT = 60_999;

export class SimHost {
  readonly name: string;
  /** Position in the network's table: its identity in traces. */
  readonly index: number;
  readonly addresses: readonly string[];
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly loss: number;
  readonly up: UpLink;
  readonly down: DownLink;
  /** Connections that the system holds, half-open ones included. */
  readonly connections = new Set<SimConnection>();
  readonly listeners: SimListener[] = [];
  readonly sockets: SimDatagramSocket[] = [];
  #generation = 0;
  #isVanished = false;
  #nextPort = FIRST_FREE_PORT;

  constructor(index: number, options: HostOptions, scheduler: Scheduler) {
    assert(options.addresses.length > 0, 'a host has an address');
    this.index = index;
    this.name = options.name;
    this.addresses = options.addresses;
    this.latencyMs = options.latencyMs ?? 10;
    this.jitterMs = options.jitterMs ?? 0;
    this.loss = options.loss ?? 0;
    this.up = new UpLink(scheduler, options.upBytesPerSecond ?? Number.POSITIVE_INFINITY);
    this.down = new DownLink(scheduler, options.downBytesPerSecond ?? Number.POSITIVE_INFINITY);
  }

  /** The machine is off: what is sent to it disappears. */
  get isVanished(): boolean {
    return this.#isVanished;
  }

  /** Rises when all programs die: what was asked for by an older generation is answered to nobody. */
  get generation(): number {
    return this.#generation;
  }

  /** Its first address of a family, or null. */
  addressOf(family: 'ipv4' | 'ipv6'): string | null {
    return this.addresses.find((address) => isIPv6(address) === (family === 'ipv6')) ?? null;
  }

  /** The address that it uses towards `remote`, or null when it has none of that family. */
  sourceFor(remote: string): string | null {
    if (remote === '::1' || remote.startsWith('127.')) return remote;
    return this.addressOf(isIPv6(remote) ? 'ipv6' : 'ipv4');
  }

  /** A program may bind to `address` here. */
  owns(address: string): boolean {
    if (address === '0.0.0.0' || address === '::' || address === '::1') return true;
    return address.startsWith('127.') || this.addresses.includes(address);
  }

  /** A port that `isTaken` does not know. */
  freePort(isTaken: (port: number) => boolean): number {
    for (let tries = LAST_FREE_PORT - FIRST_FREE_PORT; tries >= 0; tries--) {
      const port = this.#nextPort;
      this.#nextPort = port === LAST_FREE_PORT ? FIRST_FREE_PORT : port + 1;
      if (!isTaken(port)) return port;
    }
    assert(false, `${this.name} has no free port`);
  }

  /** Power off: programs end without a word, packets to it are lost. */
  vanish(): void {
    this.#isVanished = true;
    for (const connection of [...this.connections]) connection.forget();
    this.#forgetPrograms();
  }

  /** The programs are killed; the system, still there, resets their connections. */
  killPrograms(): void {
    for (const connection of [...this.connections]) connection.forgetAndReset();
    this.#forgetPrograms();
  }

  /** Power on again, with nothing running. */
  restore(): void {
    this.#isVanished = false;
  }

  #forgetPrograms(): void {
    this.#generation++;
    this.listeners.length = 0;
    this.sockets.length = 0;
  }
}

/** Whether something bound to `bound` gets what comes for `address`. */
export function coversAddress(bound: string, address: string): boolean {
  return bound === address || bound === '::' || (bound === '0.0.0.0' && !isIPv6(address));
}

/** Whether two programs cannot have these at once. */
export function portsConflict(a: BoundPort, b: BoundPort): boolean {
  return a.port === b.port && (coversAddress(a.address, b.address) || coversAddress(b.address, a.address));
}
