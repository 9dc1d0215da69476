/**
 * Owns what a .torrent file says outside the info dictionary about where to find peers and data: trackers
 * (BEP 3, 12), web seeds (BEP 19), DHT nodes (BEP 5).
 *
 * None of it is proven by the info hash and none is needed, so what is malformed is left out instead of
 * refused.
 */
import { formatHostPort } from '../../base/endpoint.ts';
import { MAX_URL_LENGTH } from '../../base/url.ts';
import type { BencodeNode } from '../bencode/bencode-node.ts';
import { exactTextOf } from './field.ts';
import { MAX_SOURCES } from './metainfo-limits.ts';
import { usableHostPort } from './usable-host-port.ts';
import { usableTrackerUrl, usableWebSeedUrl } from './usable-url.ts';

/** A name of the DNS has at most 253 characters. */
const MAX_HOST_BYTES = 253;

/**
 * Tiers of usable tracker URLs, each URL once. The list counts where it has any; `announce` is a tier of one.
 */
export function readTrackers(torrent: BencodeNode): string[][] {
  const tiers: string[][] = [];
  const seen = new Set<string>();
  for (const tier of torrent.get('announce-list')?.items() ?? []) {
    // Some files have URLs where tiers should be.
    const urls = usableUrls(tier.items() ?? [tier], usableTrackerUrl, seen);
    if (urls.length > 0) tiers.push(urls);
  }
  const announce = torrent.get('announce');
  if (tiers.length > 0 || announce === null) return tiers;
  const urls = usableUrls([announce], usableTrackerUrl, seen);
  return urls.length > 0 ? [urls] : [];
}

/** Usable web seeds, each once; the field is one URL or a list of them. */
export function readWebSeeds(torrent: BencodeNode): string[] {
  const field = torrent.get('url-list');
  if (field === null) return [];
  return usableUrls(field.items() ?? [field], usableWebSeedUrl, new Set());
}

/** DHT nodes: pairs of host and port. */
export function readNodes(torrent: BencodeNode): { host: string; port: number }[] {
  const nodes: { host: string; port: number }[] = [];
  for (const pair of torrent.get('nodes')?.items() ?? []) {
    if (nodes.length === MAX_SOURCES) break;
    const [host, port] = pair.items() ?? [];
    const text = host === undefined ? null : exactTextOf(host, MAX_HOST_BYTES);
    const node = text === null ? null : usableHostPort(formatHostPort(text, port?.asNumber() ?? 0));
    if (node !== null) nodes.push(node);
  }
  return nodes;
}

/** What is usable of `nodes` and not in `seen`, which grows. */
function usableUrls(
  nodes: readonly BencodeNode[],
  usable: (text: string) => string | null,
  seen: Set<string>,
): string[] {
  const urls: string[] = [];
  for (const node of nodes) {
    if (seen.size === MAX_SOURCES) break;
    const text = exactTextOf(node, MAX_URL_LENGTH);
    const url = text === null ? null : usable(text);
    if (url === null || seen.has(url)) continue;
    seen.add(url);
    urls.push(url);
  }
  return urls;
}
