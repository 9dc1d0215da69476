/**
 * Owns what the values of options mean: text in, checked values out, `InputError` in one sentence for
 * nonsense. Pure but for the resolving of a relative folder.
 */
import { resolve } from 'node:path';
import { canonicalAddress, parseHostPort } from '../base/endpoint.ts';
import { InputError, type SeedOptions } from '../client/index.ts';

/** Options of `download` as the command line parser gives them. */
export interface RawDownloadOptions {
  readonly dir?: string;
  readonly select?: readonly string[];
  readonly peer?: readonly string[];
  readonly port?: string;
  readonly bind?: string;
  readonly trackers: boolean;
  readonly overwrite?: boolean;
  readonly stallTimeout?: string;
  readonly maxDown?: string;
  readonly state?: string;
  readonly maxUp?: string;
  readonly seed?: boolean;
  readonly ratio?: string;
  readonly seedTime?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly ui?: boolean;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface DownloadOptions {
  readonly torrents: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly selections: readonly string[];
  readonly peers: readonly string[];
  readonly port: PortRange;
  readonly bindAddress: string | null;
  readonly useTrackers: boolean;
  readonly overwrite: boolean;
  /** Null for never. */
  readonly stallTimeoutMs: number | null;
  /** Given with `--state`; null for the usual one. */
  readonly stateFolder: string | null;
  /** Bytes a second; 0 for no limit. */
  readonly maxDownRate: number;
  readonly maxUpRate: number;
  /** Null ends with the download. */
  readonly seed: SeedOptions | null;
  readonly output: 'json' | 'quiet' | 'people';
  /** Views on the whole terminal where there is one; for people only. */
  readonly wantsUi: boolean;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A year; more is a slip of the finger. */
const MAX_DURATION_MS = 365 * 86_400_000;

/** Throws `InputError`. */
export function downloadOptions(torrents: readonly string[], raw: RawDownloadOptions): DownloadOptions {
  if (torrents.filter((torrent) => torrent === '-').length > 1) {
    throw new InputError('usage', 'stdin (-) can be given once only');
  }
  if (raw.dir === '') throw new InputError('usage', 'option --dir is empty');
  return {
    torrents,
    directory: resolve(raw.dir ?? '.'),
    selections: raw.select ?? [],
    peers: (raw.peer ?? []).map(parsePeer),
    port: raw.port === undefined ? { first: 0, last: 0 } : parsePorts(raw.port),
    bindAddress: raw.bind === undefined ? null : parseBindAddress(raw.bind),
    useTrackers: raw.trackers,
    overwrite: raw.overwrite ?? false,
    stallTimeoutMs:
      raw.stallTimeout === undefined ? null : parseDuration('--stall-timeout', raw.stallTimeout),
    stateFolder: raw.state === undefined ? null : stateFolderOption(raw.state),
    maxDownRate: raw.maxDown === undefined ? 0 : parseRate('--max-down', raw.maxDown),
    maxUpRate: raw.maxUp === undefined ? 0 : parseRate('--max-up', raw.maxUp),
    seed: seedOptions(raw),
    output: raw.json === true ? 'json' : raw.quiet === true ? 'quiet' : 'people',
    wantsUi: raw.json !== true && raw.quiet !== true && raw.ui !== false,
  };
}

function stateFolderOption(text: string): string {
  if (text === '') throw new InputError('usage', 'option --state is empty');
  return resolve(text);
}

/** A limit means seeding, whether `--seed` is given or not. */
function seedOptions(raw: RawDownloadOptions): SeedOptions | null {
  const ratio = raw.ratio === undefined ? null : parseRatio(raw.ratio);
  const seedTimeMs = raw.seedTime === undefined ? null : parseDuration('--seed-time', raw.seedTime);
  return raw.seed === true || ratio !== null || seedTimeMs !== null ? { ratio, seedTimeMs } : null;
}

function parseRatio(text: string): number {
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text)) {
    throw new InputError('usage', `option --ratio is '${text}', not a number like 1 or 2.5`);
  }
  return Number(text);
}

/** Bytes a second of `500k`, `2M` (decimal), `512Ki`, `2Mi` (binary); 0 is no limit. `option` is for the error. */
export function parseRate(option: string, text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kKMG]?)(i?)(?:B(?:\/s)?)?$/.exec(text);
  const power = ['', 'k', 'm', 'g'].indexOf((match?.[2] ?? '').toLowerCase());
  if (match === null || (match[3] === 'i' && power === 0)) {
    throw new InputError(
      'usage',
      `option ${option} is '${text}', not a rate like 500k, 2M or 1Mi (bytes a second)`,
    );
  }
  const rate = Number(match[1]) * (match[3] === 'i' ? 1024 : 1000) ** power;
  if (rate > 1e12) throw new InputError('usage', `option ${option} is '${text}', more than any line carries`);
  // Below a byte a second nothing would ever flow, and 0 must be what the person wrote.
  return rate > 0 ? Math.max(1, Math.round(rate)) : 0;
}

/** `N`, `N-M`, or `0` for any free port. */
export function parsePorts(text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last > 65_535 || first > last || (first === 0 && last !== 0)) {
    const form = 'a port from 1 to 65535, a range like 6881-6889, or 0 for any free port';
    throw new InputError('usage', `option --port is '${text}', not ${form}`);
  }
  return { first, last };
}

/** Milliseconds of `90s`, `10m`, `1h30m`, `1.5h`; a number alone means seconds. `option` is for the error. */
export function parseDuration(option: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const isComplete = parts.length > 0 && parts.map((part) => part[0]).join('') === text;
  let sum = 0;
  if (isComplete) for (const part of parts) sum += Number(part[1]) * UNIT_MS[part[2]!]!;
  else if (/^\d+(?:\.\d+)?$/.test(text)) sum = Number(text) * 1000;
  if (sum < 1 || sum > MAX_DURATION_MS) {
    throw new InputError('usage', `option ${option} is '${text}', not a time like 90s, 10m or 2h`);
  }
  return Math.round(sum);
}

function parsePeer(text: string): string {
  if (parseHostPort(text) === null) {
    throw new InputError('usage', `option --peer is '${text}', not HOST:PORT (IPv6 in brackets: [::1]:6881)`);
  }
  return text;
}

function parseBindAddress(text: string): string {
  const address = canonicalAddress(text);
  if (address === null) throw new InputError('usage', `option --bind is '${text}', not an IP address`);
  return address;
}
