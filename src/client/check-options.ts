/**
 * Owns the check of everything that the embedding program gives: options in, complete settings out,
 * `InputError` for nonsense. Types are checked too, because a caller may be plain JavaScript.
 */
import { isAbsolute, join } from 'node:path';
import { canonicalAddress, parseHostPort } from '../base/endpoint.ts';
import { InputError } from '../base/input-error.ts';
import { BLOCK_LENGTH } from '../base/numbers.ts';
import type { RateLimits } from '../engine/api.ts';
import { bootId } from '../node/boot-id.ts';
import type { AddTorrentOptions, ClientOptions, SeedOptions } from './api.ts';
import type { HostSettings } from './host-messages.ts';

const DEFAULT_ARENA_BYTES = 64 * 1024 * 1024;
/** Below this the request queues of a few fast peers do not fit. */
const MIN_ARENA_BYTES = 1024 * 1024;
const MAX_ARENA_BYTES = 4 * 1024 * 1024 * 1024;
const DEFAULT_MAX_PEERS = 200;
const MAX_MAX_PEERS = 65_535;
/** Of all torrents; the system may have descriptors for fewer. */
const MAX_CONNECTIONS = 4000;
/** More than any line carries; sums of it stay exact. */
const MAX_RATE = 1e12;
const DEFAULT_PROGRESS_INTERVAL_MS = 1000;
/** A faster display shows nothing more, and costs. */
const MIN_PROGRESS_INTERVAL_MS = 20;
const MAX_PROGRESS_INTERVAL_MS = 3_600_000;

/** The settings that `options` mean. Throws `InputError` with code `bad-option`. */
export function hostSettings(options: ClientOptions): HostSettings {
  const { first, last } = options.port ?? { first: 0, last: 0 };
  const firstPort = wholeNumber('port.first', first, 0, 65_535);
  const lastPort = wholeNumber('port.last', last, firstPort, 65_535);
  if (firstPort === 0 && lastPort !== 0) throw bad('port', 'starts with 0, which asks for any free port');
  const arenaBytes = options.arenaBytes ?? DEFAULT_ARENA_BYTES;
  if (wholeNumber('arenaBytes', arenaBytes, MIN_ARENA_BYTES, MAX_ARENA_BYTES) % BLOCK_LENGTH !== 0) {
    throw bad('arenaBytes', `is ${arenaBytes}, not a multiple of ${BLOCK_LENGTH}`);
  }
  const folder = stateFolder(options.stateFolder ?? null);
  const maxPeers = options.maxPeersPerTorrent ?? DEFAULT_MAX_PEERS;
  const progressMs = options.progressIntervalMs ?? DEFAULT_PROGRESS_INTERVAL_MS;
  return {
    engine: {
      firstPort,
      lastPort,
      bindAddress: bindAddress(options.bindAddress ?? null),
      maxPeersPerTorrent: wholeNumber('maxPeersPerTorrent', maxPeers, 1, MAX_MAX_PEERS),
      maxConnections: MAX_CONNECTIONS,
      bootId: bootId(),
      partsFolder: folder === null ? null : join(folder, 'parts'),
      limits: rateLimits(options),
    },
    arenaBytes,
    stateFolder: folder,
    progressIntervalMs: wholeNumber(
      'progressIntervalMs',
      progressMs,
      MIN_PROGRESS_INTERVAL_MS,
      MAX_PROGRESS_INTERVAL_MS,
    ),
  };
}

/**
 * Throws `InputError` unless `options` have the right shape. What depends on the torrent is the engine's to
 * check.
 */
export function checkAddOptions(options: AddTorrentOptions): void {
  if (!(options.metainfo instanceof Uint8Array)) throw bad('metainfo', 'is not a Uint8Array');
  if (typeof options.directory !== 'string' || !isAbsolute(options.directory)) {
    throw bad('directory', `is ${JSON.stringify(options.directory)}, not an absolute path`);
  }
  rateLimits(options);
  if (options.seed !== undefined && options.seed !== null) checkSeed(options.seed);
  if (options.directory.includes('\0')) throw bad('directory', 'contains a NUL character');
  for (const peer of arrayOf('peers', options.peers ?? [])) {
    if (typeof peer !== 'string' || parseHostPort(peer) === null) {
      throw bad('peers', `has ${JSON.stringify(peer)}, which is not HOST:PORT`);
    }
  }
  for (const file of arrayOf('selectedFiles', options.selectedFiles ?? [])) {
    if (!Number.isInteger(file) || (file as number) < 0) {
      throw bad('selectedFiles', `has ${JSON.stringify(file)}, which is not the index of a file`);
    }
  }
}

function stateFolder(folder: string | null): string | null {
  if (folder === null || (typeof folder === 'string' && isAbsolute(folder))) return folder;
  throw bad('stateFolder', `is ${JSON.stringify(folder)}, neither null nor an absolute path`);
}

/** Complete limits; 0, for none, where one is missing. Throws `InputError`. */
export function rateLimits(options: { maxDownRate?: number; maxUpRate?: number }): RateLimits {
  return {
    maxDownRate: wholeNumber('maxDownRate', options.maxDownRate ?? 0, 0, MAX_RATE),
    maxUpRate: wholeNumber('maxUpRate', options.maxUpRate ?? 0, 0, MAX_RATE),
  };
}

function checkSeed(seed: SeedOptions): void {
  for (const name of ['ratio', 'seedTimeMs'] as const) {
    const value = seed[name];
    if (value !== null && !(typeof value === 'number' && value >= 0)) {
      throw bad(`seed.${name}`, `is ${JSON.stringify(value)}, neither null nor a number from 0 on`);
    }
  }
}

function bindAddress(text: string | null): string | null {
  if (text === null) return null;
  const address = typeof text === 'string' ? canonicalAddress(text) : null;
  if (address === null) throw bad('bindAddress', `is ${JSON.stringify(text)}, not an IP address`);
  return address;
}

function arrayOf(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw bad(name, 'is not an array');
  return value;
}

function wholeNumber(name: string, value: number, smallest: number, largest: number): number {
  if (!Number.isInteger(value) || value < smallest || value > largest) {
    throw bad(name, `is ${String(value)}, not a whole number from ${smallest} to ${largest}`);
  }
  return value;
}

function bad(name: string, what: string): InputError {
  return new InputError('bad-option', `option ${name} ${what}`);
}
