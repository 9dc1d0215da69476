/**
 * Owns the reading of an HTTP tracker's answer (BEP 3, 7, 23, 24, 31).
 *
 * Trackers are taken as they are: peers as dictionaries or compact, numbers as integers or as decimal strings, bytes
 * behind the dictionary. A field that makes no sense is treated as absent; only an answer that is no dictionary, or has
 * neither peers nor an interval nor a reason, is malformed. Peers named by host name are left out: nobody resolves names
 * on a tracker's word.
 */
import { addressFromBytes, canonicalAddress } from '../../base/endpoint.ts';
import { fromLatin1 } from '../../base/text.ts';
import { BencodeError } from '../bencode/bencode-error.ts';
import type { BencodeNode } from '../bencode/bencode-node.ts';
import type { BencodeLimits } from '../bencode/bencode-tokens.ts';
import { readBencodePrefix } from '../bencode/read-bencode.ts';
import type { AnnounceAnswer, AnnounceResult } from './announce.ts';
import { PeerList } from './compact-peers.ts';
import { messageText } from './message-text.ts';

/** An answer with thousands of peers as dictionaries has about 200 KB; compact ones have far less. */
export const MAX_ANSWER_BYTES = 1 << 20;

/** A peer as a dictionary has up to seven values; this is for ten thousand peers. */
const LIMITS: BencodeLimits = { maxBytes: MAX_ANSWER_BYTES, maxDepth: 16, maxItems: 70_000 };

/** The longest text of an address (`ffff:…:255.255.255.255`). */
const MAX_ADDRESS_LENGTH = 45;
/** A tracker id is handed back in every URL. */
const MAX_TRACKER_ID_LENGTH = 512;
const SECONDS_PER_MINUTE = 60;

/** What `body` says. Never throws. */
export function parseHttpAnswer(body: Uint8Array): AnnounceResult {
  let root: BencodeNode;
  try {
    root = readBencodePrefix(body, LIMITS);
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    return { kind: 'malformed', reason: notBencode(body, error) };
  }
  if (root.kind !== 'dictionary') return { kind: 'malformed', reason: 'the answer is no dictionary' };
  const failure = root.get('failure reason')?.asBytes();
  if (failure != null) return refusal(root, failure);
  const isAnnounce = ['peers', 'peers6', 'interval'].some((key) => root.get(key) !== null);
  return isAnnounce
    ? { kind: 'answer', answer: readAnswer(root) }
    : { kind: 'malformed', reason: 'the answer has no peers, no interval and no failure reason' };
}

function refusal(root: BencodeNode, failure: Uint8Array): AnnounceResult {
  const reason = messageText(failure) || 'no reason given';
  return { kind: 'refusal', refusal: { reason, retryInSeconds: readRetryIn(root.get('retry in')) } };
}

function readAnswer(root: BencodeNode): AnnounceAnswer {
  const peers = new PeerList();
  readPeers(root.get('peers'), peers);
  const peers6 = root.get('peers6')?.asBytes();
  if (peers6 != null) peers.addCompact(peers6, 0, 16);
  const warning = root.get('warning message')?.asBytes();
  const trackerId = root.get('tracker id')?.asBytes();
  return {
    peers: peers.peers,
    intervalSeconds: positive(root.get('interval')),
    minIntervalSeconds: positive(root.get('min interval')),
    seeds: count(root.get('complete')),
    leeches: count(root.get('incomplete')),
    warning: warning == null ? null : messageText(warning) || null,
    trackerId: trackerId == null || trackerId.length > MAX_TRACKER_ID_LENGTH ? null : trackerId.slice(),
    externalAddress: readExternalAddress(root.get('external ip')),
  };
}

function readPeers(node: BencodeNode | null, peers: PeerList): void {
  const compact = node?.asBytes();
  if (compact != null) {
    peers.addCompact(compact, 0, 4);
    return;
  }
  for (const item of node?.items() ?? []) {
    if (peers.isFull) return;
    const ip = item.get('ip')?.asBytes();
    const port = number(item.get('port'));
    if (ip == null || ip.length > MAX_ADDRESS_LENGTH || port === null) continue;
    const address = canonicalAddress(fromLatin1(ip));
    if (address !== null) peers.add(address, port);
  }
}

/** BEP 24: 4 or 16 bytes; some trackers send text instead. */
function readExternalAddress(node: BencodeNode | null): string | null {
  const bytes = node?.asBytes();
  if (bytes == null) return null;
  if (bytes.length === 4 || bytes.length === 16) return addressFromBytes(bytes, 0, bytes.length);
  return bytes.length <= MAX_ADDRESS_LENGTH ? canonicalAddress(fromLatin1(bytes)) : null;
}

/** BEP 31: minutes, as a number or as text, or `never`. */
function readRetryIn(node: BencodeNode | null): number | null {
  const text = node?.asBytes();
  if (text != null && fromLatin1(text.subarray(0, 6)) === 'never') return Number.POSITIVE_INFINITY;
  const minutes = positive(node);
  return minutes === null ? null : minutes * SECONDS_PER_MINUTE;
}

function positive(node: BencodeNode | null): number | null {
  const value = number(node);
  return value !== null && value > 0 ? value : null;
}

function count(node: BencodeNode | null): number | null {
  const value = number(node);
  return value !== null && value >= 0 ? value : null;
}

/** An integer, or a string of up to 15 digits as some trackers send it. */
function number(node: BencodeNode | null): number | null {
  const text = node?.asBytes();
  if (text == null) return node?.asNumber() ?? null;
  return text.length >= 1 && text.length <= 15 && /^\d+$/.test(fromLatin1(text))
    ? Number(fromLatin1(text))
    : null;
}

function notBencode(body: Uint8Array, error: BencodeError): string {
  if (body.length === 0) return 'the answer is empty';
  if (fromLatin1(body.subarray(0, 64)).trimStart().startsWith('<')) return 'the answer is a web page';
  return `the answer is not bencoded: ${error.message}`;
}
