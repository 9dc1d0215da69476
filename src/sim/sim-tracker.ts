/**
 * Owns a tracker of the simulated world (BEP 3, 7, 23): knows the peers that announced, names them to others, and remembers
 * every announce for the checks that follow.
 */
import { isIPv6, parseAddress } from '../base/endpoint.ts';
import { toHex, toUtf8 } from '../base/text.ts';
import { type BencodeValue, encodeBencode } from './encode-bencode.ts';
import type { Scheduler } from './scheduler.ts';
import type { HttpServer, ServerAnswer, ServerRequest } from './web.ts';

/** `silent` never answers, `failing` gives a failure reason, `broken` an HTTP error, `lying` something else than bencode. */
export type TrackerMood = 'working' | 'silent' | 'failing' | 'broken' | 'lying';

/** An announce as it came. */
export interface RecordedAnnounce {
  /** Virtual time. */
  readonly at: number;
  readonly remoteAddress: string;
  /** In hexadecimal. */
  readonly infoHash: string;
  readonly peerId: string;
  readonly port: number;
  /** Empty for a periodic one. */
  readonly event: string;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly numWant: number;
  /** All parameters, decoded as Latin-1. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface KnownPeer {
  readonly address: string;
  readonly port: number;
  left: number;
}

/** What a tracker names when it is not told how many are wanted. */
const DEFAULT_NUM_WANT = 50;

export class SimTracker implements HttpServer {
  mood: TrackerMood = 'working';
  intervalSeconds = 1800;
  /** How long it thinks. */
  delayMs = 5;
  readonly announces: RecordedAnnounce[] = [];
  readonly #scheduler: Scheduler;
  readonly #swarms = new Map<string, Map<string, KnownPeer>>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Enters a peer that is known by other means; `left` is 0 for a seed. */
  addPeer(infoHash: Uint8Array, address: string, port: number, left: number): void {
    this.#enter(toHex(infoHash), { address, port, left });
  }

  answer(request: ServerRequest): ServerAnswer | null {
    const announce = this.#parse(request);
    this.announces.push(announce);
    if (this.mood === 'silent') return null;
    if (this.mood === 'broken') return this.#reply(503, toUtf8('down for today'));
    if (this.mood === 'lying') return this.#reply(200, toUtf8('<html>welcome</html>'));
    if (this.mood === 'failing') return this.#bencoded({ 'failure reason': 'not today' });
    this.#update(announce);
    return this.#bencoded(this.#describe(announce));
  }

  #parse(request: ServerRequest): RecordedAnnounce {
    const parameters = parseQuery(request.query);
    const text = (name: string): string => parameters.get(name) ?? '';
    const number = (name: string): number => Number(parameters.get(name) ?? 0);
    return {
      at: this.#scheduler.now,
      remoteAddress: request.remoteAddress,
      infoHash: latin1ToHex(text('info_hash')),
      peerId: text('peer_id'),
      port: number('port'),
      event: text('event'),
      uploaded: number('uploaded'),
      downloaded: number('downloaded'),
      left: number('left'),
      numWant: parameters.has('numwant') ? number('numwant') : DEFAULT_NUM_WANT,
      parameters,
    };
  }

  #update(announce: RecordedAnnounce): void {
    const peer = { address: announce.remoteAddress, port: announce.port, left: announce.left };
    if (announce.event === 'stopped') {
      this.#swarms.get(announce.infoHash)?.delete(`${peer.address} ${peer.port}`);
    } else this.#enter(announce.infoHash, peer);
  }

  #enter(infoHash: string, peer: KnownPeer): void {
    let swarm = this.#swarms.get(infoHash);
    if (swarm === undefined) {
      swarm = new Map();
      this.#swarms.set(infoHash, swarm);
    }
    swarm.set(`${peer.address} ${peer.port}`, peer);
  }

  #describe(announce: RecordedAnnounce): BencodeValue {
    const swarm = [...(this.#swarms.get(announce.infoHash)?.values() ?? [])];
    const others = swarm.filter(
      (peer) => peer.address !== announce.remoteAddress || peer.port !== announce.port,
    );
    const named = announce.event === 'stopped' ? [] : others.slice(0, announce.numWant);
    return {
      interval: this.intervalSeconds,
      complete: swarm.filter((peer) => peer.left === 0).length,
      incomplete: swarm.filter((peer) => peer.left !== 0).length,
      peers: compactPeers(named.filter((peer) => !isIPv6(peer.address))),
      peers6: compactPeers(named.filter((peer) => isIPv6(peer.address))),
    };
  }

  #bencoded(value: BencodeValue): ServerAnswer {
    return this.#reply(200, encodeBencode(value));
  }

  #reply(status: number, body: Uint8Array): ServerAnswer {
    return { status, body, location: null, delayMs: this.delayMs };
  }
}

function compactPeers(peers: readonly KnownPeer[]): Uint8Array {
  const bytes: number[] = [];
  for (const { address, port } of peers) bytes.push(...parseAddress(address)!, port >>> 8, port & 0xff);
  return Uint8Array.from(bytes);
}

/** Names and values, each byte a character. */
function parseQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals), percentDecode(part.slice(equals + 1)));
  }
  return parameters;
}

function percentDecode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function latin1ToHex(text: string): string {
  return toHex(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
