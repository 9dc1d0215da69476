/**
 * Owns magnet links: reading and writing (BEP 9, `btmh` of BEP 52, `so` of BEP 53).
 *
 * The info hash and the selection must be right, or the link is refused: they decide what is downloaded.
 * Sources (trackers, web seeds, peers) that are malformed are left out, and parameters that are unknown are
 * passed over.
 */
import { fromBase32 } from '../../base/base32.ts';
import { formatHostPort } from '../../base/endpoint.ts';
import { InputError } from '../../base/input-error.ts';
import { percentDecode, percentEncode } from '../../base/percent.ts';
import { fromHex, fromUtf8Lossy, toHex, toUtf8 } from '../../base/text.ts';
import type { Metainfo } from './metainfo.ts';
import { MAX_FILES, MAX_SOURCES } from './metainfo-limits.ts';
import { usableHostPort } from './usable-host-port.ts';
import { usableTrackerUrl, usableWebSeedUrl } from './usable-url.ts';

/** Files `first` to `last`, both included; zero-based in torrent order. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

export interface MagnetLink {
  /** 20 bytes, or null. At least one of the two hashes is there. */
  readonly infoHashV1: Uint8Array | null;
  /** 32 bytes, or null. */
  readonly infoHashV2: Uint8Array | null;
  /** To show until the metadata is there. Anything: not a safe path. Null when absent. */
  readonly name: string | null;
  /** Each is a tier of its own: a link knows no tiers. */
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  readonly peers: readonly { readonly host: string; readonly port: number }[];
  /** Ascending and apart from each other; null when the link selects nothing in particular. */
  readonly selectedFiles: readonly FileRange[] | null;
}

/** Characters of a link: hundreds of trackers fit. */
export const MAX_MAGNET_LENGTH = 128 * 1024;
const PREFIX = /^magnet:\?/i;
const BTIH = /^urn:btih:(.*)$/i;
const BTMH = /^urn:btmh:(.*)$/i;
/** SHA-256 with 32 bytes, as a multihash says it. */
const MULTIHASH_SHA256 = '1220';
const RANGE = /^(\d{1,9})(?:-(\d{1,9}))?$/;

/** True when `text` claims to be a magnet link. */
export function isMagnet(text: string): boolean {
  return /^\s*magnet:/i.test(text);
}

/** Reads a magnet link. Throws `InputError` with code `bad-magnet`. */
export function parseMagnet(text: string): MagnetLink {
  const link = text.trim();
  if (link.length > MAX_MAGNET_LENGTH) refuse(`is longer than ${MAX_MAGNET_LENGTH} characters`);
  if (!PREFIX.test(link)) refuse('does not start with "magnet:?"');
  const draft = new Draft();
  for (const parameter of link.slice('magnet:?'.length).split('&')) {
    const equals = parameter.indexOf('=');
    if (equals > 0) draft.take(parameterName(parameter.slice(0, equals)), parameter.slice(equals + 1));
  }
  return draft.finish();
}

/**
 * The canonical link: hashes, name, trackers, web seeds, peers, selection. Colons and brackets of peers
 * stay as they are (BEP 9), because not every client decodes them.
 */
export function formatMagnet(link: MagnetLink): string {
  const parameters: string[] = [];
  if (link.infoHashV1 !== null) parameters.push(`xt=urn:btih:${toHex(link.infoHashV1)}`);
  if (link.infoHashV2 !== null) parameters.push(`xt=urn:btmh:${MULTIHASH_SHA256}${toHex(link.infoHashV2)}`);
  if (link.name !== null) parameters.push(`dn=${encode(link.name)}`);
  for (const url of link.trackers) parameters.push(`tr=${encode(url)}`);
  for (const url of link.webSeeds) parameters.push(`ws=${encode(url)}`);
  for (const peer of link.peers) parameters.push(`x.pe=${formatHostPort(peer.host, peer.port)}`);
  if (link.selectedFiles !== null) parameters.push(`so=${link.selectedFiles.map(formatRange).join(',')}`);
  return `magnet:?${parameters.join('&')}`;
}

/** The link to a torrent, with its trackers and web seeds. */
export function magnetOf(metainfo: Metainfo): MagnetLink {
  return {
    infoHashV1: metainfo.infoHashV1,
    infoHashV2: metainfo.infoHashV2,
    name: metainfo.name,
    trackers: metainfo.trackers.flat(),
    webSeeds: metainfo.webSeeds,
    peers: [],
    selectedFiles: null,
  };
}

/** A link while it is read. */
class Draft {
  #infoHashV1: Uint8Array | null = null;
  #infoHashV2: Uint8Array | null = null;
  #name: string | null = null;
  readonly #trackers = new Set<string>();
  readonly #webSeeds = new Set<string>();
  readonly #peers = new Map<string, { host: string; port: number }>();
  #ranges: FileRange[] | null = null;

  take(name: string, encoded: string): void {
    if (name === 'xt') this.#takeTopic(decode(encoded));
    // Only here a plus is a space: links are often written by form encoders, but URLs mean their pluses.
    else if (name === 'dn') this.#name ??= decode(encoded.replaceAll('+', ' '));
    else if (name === 'tr') addBounded(this.#trackers, usableTrackerUrl(decode(encoded)));
    else if (name === 'ws') addBounded(this.#webSeeds, usableWebSeedUrl(decode(encoded)));
    else if (name === 'x.pe') this.#takePeer(decode(encoded));
    else if (name === 'so') this.#takeSelection(decode(encoded));
  }

  finish(): MagnetLink {
    if (this.#infoHashV1 === null && this.#infoHashV2 === null) {
      refuse('has no info hash: neither "xt=urn:btih:" nor "xt=urn:btmh:"');
    }
    return {
      infoHashV1: this.#infoHashV1,
      infoHashV2: this.#infoHashV2,
      name: this.#name === '' ? null : this.#name,
      trackers: [...this.#trackers],
      webSeeds: [...this.#webSeeds],
      peers: [...this.#peers.values()],
      selectedFiles: this.#ranges === null ? null : mergeRanges(this.#ranges),
    };
  }

  /** Topics of other networks may stand beside ours. */
  #takeTopic(topic: string): void {
    const v1 = BTIH.exec(topic)?.[1];
    const v2 = BTMH.exec(topic)?.[1];
    if (v1 !== undefined) this.#infoHashV1 = agreed(this.#infoHashV1, parseBtih(v1), 'btih');
    else if (v2 !== undefined) this.#infoHashV2 = agreed(this.#infoHashV2, parseBtmh(v2), 'btmh');
  }

  #takePeer(text: string): void {
    const peer = usableHostPort(text.trim());
    if (peer !== null && this.#peers.size < MAX_SOURCES) {
      this.#peers.set(formatHostPort(peer.host, peer.port), peer);
    }
  }

  #takeSelection(text: string): void {
    this.#ranges ??= [];
    for (const item of text.split(',')) this.#ranges.push(parseRange(item));
  }
}

/**
 * `tr` of `tr.1` (links with several of a kind may number them) and of `amp;tr` (links copied out of HTML).
 */
function parameterName(written: string): string {
  return decode(written)
    .toLowerCase()
    .replace(/^amp;/, '')
    .replace(/\.\d+$/, '');
}

function parseBtih(text: string): Uint8Array {
  const hash = text.length === 40 ? fromHex(text) : text.length === 32 ? fromBase32(text) : null;
  return hash ?? refuse('has an info hash (btih) that is not 40 hexadecimal or 32 base32 digits');
}

function parseBtmh(text: string): Uint8Array {
  const bytes = text.length === 68 && text.startsWith(MULTIHASH_SHA256) ? fromHex(text.slice(4)) : null;
  return bytes ?? refuse('has an info hash (btmh) that is not "1220" and 64 hexadecimal digits');
}

function agreed(before: Uint8Array | null, now: Uint8Array, kind: string): Uint8Array {
  if (before !== null && toHex(before) !== toHex(now)) refuse(`has two different info hashes (${kind})`);
  return now;
}

function parseRange(text: string): FileRange {
  const match = RANGE.exec(text);
  if (match === null) refuse('has a selection (so) that is not numbers and ranges like "0,2,4-6"');
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last < first) refuse(`selects files (so) from ${first} back to ${last}`);
  if (last >= MAX_FILES) refuse(`selects file ${last} (so), but a torrent has at most ${MAX_FILES}`);
  return { first, last };
}

function mergeRanges(ranges: readonly FileRange[]): FileRange[] {
  const merged: FileRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || range.first > previous.last + 1) merged.push(range);
    else merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return merged;
}

function formatRange(range: FileRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}

function addBounded(urls: Set<string>, url: string | null): void {
  if (url !== null && urls.size < MAX_SOURCES) urls.add(url);
}

function decode(text: string): string {
  return fromUtf8Lossy(percentDecode(toUtf8(text)));
}

function encode(text: string): string {
  return percentEncode(toUtf8(text));
}

function refuse(what: string): never {
  throw new InputError('bad-magnet', `the magnet link ${what}`);
}
