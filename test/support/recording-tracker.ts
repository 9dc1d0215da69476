/**
 * Owns a tracker for tests: HTTP, HTTPS or UDP on loopback, which records every announce with all its parameters and
 * answers as it is told. It shares no code with the program under test.
 *
 *   const tracker = await RecordingTracker.start(scope, { protocol: 'udp', host: '::1' });
 *   tracker.url                      the announce URL, for a .torrent file
 *   tracker.reply = { peers: [{ address: '127.0.0.1', port: 6881 }], intervalSeconds: 5 };
 *   tracker.reply = (announce) => ({ failureReason: 'no' });         or decide for each announce
 *   await tracker.waitFor('started')                                 the first, past or to come
 *   await tracker.waitFor('none', { count: 2 })                      the second periodic one
 *   await tracker.waitFor((announce) => announce.left === 0)
 *   tracker.events()                 ['started', 'none', 'completed', 'stopped']
 *   tracker.announces                everything recorded, in order of arrival
 *
 * Without `peers` in the reply it is a plain tracker: it remembers who announced which torrent, by info hash, until
 * `stopped`, and tells each about the others. It ends with the scope.
 *
 * `silent`, `garbage`, `delayMs`, `status`, `headers` and `dropPackets` make it misbehave. A redirect is `status: 302` with
 * a `location` header. HTTPS takes the certificate in test/fixtures/tls; give the program under test
 * `NODE_EXTRA_CA_CERTS: RecordingTracker.caFile` in its environment.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { type Bencodable, bencode } from './bencode.ts';
import type { Scope } from './scope.ts';

export type TrackerProtocol = 'http' | 'https' | 'udp';
export type RecordedEvent = 'started' | 'completed' | 'stopped' | 'none';

export interface TrackerPeer {
  readonly address: string;
  readonly port: number;
}

export interface RecordedAnnounce {
  /** Milliseconds since the tracker started. */
  readonly at: number;
  readonly event: RecordedEvent;
  /** Lower-case hexadecimal. */
  readonly infoHash: string;
  /** Latin-1. */
  readonly peerId: string;
  readonly port: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly numWant: number;
  /** Eight hexadecimal digits in upper case. */
  readonly key: string;
  /** The address that it came from; IPv4 not as IPv6. */
  readonly address: string;
  /** HTTP: path and query as sent. UDP: the URL data of BEP 41. */
  readonly target: string;
  /** HTTP: every parameter, decoded to Latin-1. UDP: empty. */
  readonly parameters: ReadonlyMap<string, string>;
  /** HTTP: the request's headers. UDP: empty. */
  readonly headers: IncomingMessage['headers'];
}

export interface TrackerReply {
  /** Default 1800. */
  readonly intervalSeconds?: number;
  readonly minIntervalSeconds?: number;
  /** Default: whoever else announced the same torrent. */
  readonly peers?: readonly TrackerPeer[];
  /** Peers as dictionaries (BEP 3) instead of compact ones. HTTP only. */
  readonly dictionaryPeers?: boolean;
  readonly failureReason?: string;
  /** Further entries of the HTTP answer, or ones that replace others: `warning message`, `tracker id`, … */
  readonly entries?: { readonly [key: string]: Bencodable };
  readonly delayMs?: number;
  /** Never answer, and keep the connection open. */
  readonly silent?: boolean;
  /** Send this instead of an answer. UDP: behind the right action and transaction id. */
  readonly garbage?: Uint8Array;
  /** HTTP only. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly encoding?: 'gzip' | 'deflate' | 'raw-deflate';
}

export interface RecordingTrackerOptions {
  readonly protocol?: TrackerProtocol;
  /** `127.0.0.1` (default), `::1`, or another address of this machine. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Behind the port in {@link RecordingTracker.url}. Default `/announce`. */
  readonly path?: string;
}

export interface WaitOptions {
  /** Which of the announces that match, counted from 1. */
  readonly count?: number;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export type AnnounceMatch = RecordedEvent | ((announce: RecordedAnnounce) => boolean);

interface SwarmPeer extends TrackerPeer {
  readonly isSeed: boolean;
}

const TLS_FOLDER = new URL('../fixtures/tls/', import.meta.url);
const UDP_EVENTS: readonly RecordedEvent[] = ['none', 'completed', 'started', 'stopped'];
const UDP_ANNOUNCE_LENGTH = 98;

export class RecordingTracker {
  /** The authority that signed the HTTPS certificate. */
  static readonly caFile: string = fileURLToPath(new URL('ca.pem', TLS_FOLDER));

  readonly protocol: TrackerProtocol;
  readonly host: string;
  readonly announces: RecordedAnnounce[] = [];
  /** UDP: what arrived, announces included, with the time of arrival. */
  readonly packets: { readonly at: number; readonly action: number; readonly transactionId: number }[] = [];
  /** What the next announces are answered with. */
  reply: TrackerReply | ((announce: RecordedAnnounce) => TrackerReply) = {};
  /** UDP: packets to lose before one is looked at. They are in {@link packets} all the same. */
  dropPackets = 0;
  readonly #path: string;
  readonly #startedAt = performance.now();
  readonly #swarms = new Map<string, Map<string, SwarmPeer>>();
  readonly #waiting = new Set<() => void>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  readonly #connectionIds = new Set<string>();
  #server: Server | null = null;
  #socket: Socket | null = null;
  #port = 0;

  static async start(scope: Scope, options: RecordingTrackerOptions = {}): Promise<RecordingTracker> {
    const tracker = new RecordingTracker(options);
    await tracker.#listen(options.port ?? 0);
    scope.defer(() => tracker.close());
    return tracker;
  }

  private constructor(options: RecordingTrackerOptions) {
    this.protocol = options.protocol ?? 'http';
    this.host = options.host ?? '127.0.0.1';
    this.#path = options.path ?? '/announce';
  }

  get port(): number {
    return this.#port;
  }

  /** The announce URL. */
  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `${this.protocol}://${host}:${this.#port}${this.#path}`;
  }

  /** The events so far, in order; of one torrent when its info hash is given. */
  events(infoHash: string | null = null): RecordedEvent[] {
    const ofTorrent = this.announces.filter(
      (announce) => infoHash === null || announce.infoHash === infoHash,
    );
    return ofTorrent.map(({ event }) => event);
  }

  /** The announce that matches, one that was recorded already too. Rejects after the time-out, saying what came. */
  waitFor(match: AnnounceMatch, options: WaitOptions = {}): Promise<RecordedAnnounce> {
    const { count = 1, timeoutMs = 10_000 } = options;
    const matches = (announce: RecordedAnnounce): boolean =>
      typeof match === 'string' ? announce.event === match : match(announce);
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.announces.filter(matches)[count - 1];
        if (found === undefined) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const came = this.events().join(', ') || 'nothing';
        reject(
          new Error(
            `${this.url}: ${String(match)} (${count}) did not come in ${timeoutMs} ms; came: ${came}`,
          ),
        );
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** Adds a peer that the tracker tells of, as if it had announced. `infoHash` in lower-case hexadecimal. */
  addPeer(infoHash: string, peer: TrackerPeer, isSeed = false): void {
    this.#swarm(infoHash).set(`${peer.address} ${peer.port}`, { ...peer, isSeed });
  }

  async close(): Promise<void> {
    for (const timer of this.#delayed) clearTimeout(timer);
    const server = this.#server;
    const socket = this.#socket;
    this.#server = null;
    this.#socket = null;
    if (server !== null) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
    if (socket !== null) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  async #listen(port: number): Promise<void> {
    if (this.protocol === 'udp') {
      const isV6 = this.host.includes(':');
      const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 });
      this.#socket = socket;
      socket.on('message', (packet, from) => this.#onPacket(packet, from));
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, this.host, resolve);
      });
      this.#port = socket.address().port;
      return;
    }
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.#onRequest(request, response);
    const server =
      this.protocol === 'https' ? createTlsServer(tlsFiles(), onRequest) : createServer(onRequest);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? '';
    const parameters = parseQuery(target);
    const text = (name: string): string => parameters.get(name) ?? '';
    const announce: RecordedAnnounce = {
      at: this.#now(),
      event: eventOf(text('event')),
      infoHash: Buffer.from(text('info_hash'), 'latin1').toString('hex'),
      peerId: text('peer_id'),
      port: Number(text('port')),
      uploaded: Number(text('uploaded')),
      downloaded: Number(text('downloaded')),
      left: Number(text('left')),
      numWant: Number(text('numwant')),
      key: text('key'),
      address: plainAddress(request.socket.remoteAddress ?? ''),
      target,
      parameters,
      headers: request.headers,
    };
    const reply = this.#record(announce);
    if (reply.silent === true) return;
    const body = encode(reply.garbage ?? this.#httpAnswer(announce, reply), reply.encoding);
    const headers = { ...encodingHeader(reply.encoding), ...reply.headers };
    this.#after(reply.delayMs, () => {
      response.writeHead(reply.status ?? 200, headers);
      response.end(body);
    });
  }

  #httpAnswer(announce: RecordedAnnounce, reply: TrackerReply): Buffer {
    if (reply.failureReason !== undefined) {
      return bencode({ 'failure reason': reply.failureReason, ...reply.entries });
    }
    const peers = this.#peersFor(announce, reply);
    const [v4, v6] = [peers.filter((peer) => !isV6(peer)), peers.filter(isV6)];
    const min = reply.minIntervalSeconds === undefined ? {} : { 'min interval': reply.minIntervalSeconds };
    const listed =
      reply.dictionaryPeers === true
        ? { peers: peers.map(({ address, port }) => ({ ip: address, port, 'peer id': randomBytes(20) })) }
        : { peers: compact(v4), ...(v6.length === 0 ? {} : { peers6: compact(v6) }) };
    const counts = { complete: this.#seedCount(announce), incomplete: peers.length };
    return bencode({
      interval: reply.intervalSeconds ?? 1800,
      ...min,
      ...counts,
      ...listed,
      ...reply.entries,
    });
  }

  #onPacket(packet: Buffer, from: RemoteInfo): void {
    if (packet.length < 16) return;
    const [action, transactionId] = [packet.readUInt32BE(8), packet.readUInt32BE(12)];
    this.packets.push({ at: this.#now(), action, transactionId });
    if (this.dropPackets > 0) {
      this.dropPackets--;
      return;
    }
    const isConnect = packet.readBigUInt64BE(0) === 0x41727101980n && action === 0;
    const idOf = createHash('sha1').update(`${from.address} ${this.#startedAt}`).digest().subarray(0, 8);
    if (isConnect) {
      this.#connectionIds.add(idOf.toString('hex'));
      this.#send(from, 0, transactionId, idOf);
    } else if (!this.#connectionIds.has(packet.toString('hex', 0, 8))) {
      this.#send(from, 3, transactionId, Buffer.from('unknown connection id'));
    } else if (action === 1 && packet.length >= UDP_ANNOUNCE_LENGTH) this.#onUdpAnnounce(packet, from);
    else this.#send(from, 3, transactionId, Buffer.from('unknown action'));
  }

  #onUdpAnnounce(packet: Buffer, from: RemoteInfo): void {
    const transactionId = packet.readUInt32BE(12);
    const announce: RecordedAnnounce = {
      at: this.#now(),
      event: UDP_EVENTS[packet.readUInt32BE(80)] ?? 'none',
      infoHash: packet.toString('hex', 16, 36),
      peerId: packet.toString('latin1', 36, 56),
      downloaded: Number(packet.readBigUInt64BE(56)),
      left: Number(packet.readBigUInt64BE(64)),
      uploaded: Number(packet.readBigUInt64BE(72)),
      key: packet.toString('hex', 88, 92).toUpperCase(),
      numWant: packet.readInt32BE(92),
      port: packet.readUInt16BE(96),
      address: from.address,
      target: urlData(packet.subarray(UDP_ANNOUNCE_LENGTH)),
      parameters: new Map(),
      headers: {},
    };
    const reply = this.#record(announce);
    if (reply.silent === true) return;
    this.#after(reply.delayMs, () => {
      if (reply.garbage !== undefined) this.#send(from, 1, transactionId, Buffer.from(reply.garbage));
      else if (reply.failureReason !== undefined) {
        this.#send(from, 3, transactionId, Buffer.from(reply.failureReason));
      } else this.#send(from, 1, transactionId, this.#udpAnswer(announce, reply));
    });
  }

  #udpAnswer(announce: RecordedAnnounce, reply: TrackerReply): Buffer {
    const wantsV6 = this.host.includes(':');
    const peers = this.#peersFor(announce, reply).filter((peer) => isV6(peer) === wantsV6);
    const head = Buffer.alloc(12);
    head.writeInt32BE(reply.intervalSeconds ?? 1800, 0);
    head.writeInt32BE(peers.length, 4);
    head.writeInt32BE(this.#seedCount(announce), 8);
    return Buffer.concat([head, compact(peers)]);
  }

  #send(to: RemoteInfo, action: number, transactionId: number, rest: Uint8Array): void {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(action, 0);
    head.writeUInt32BE(transactionId, 4);
    this.#socket?.send(Buffer.concat([head, rest]), to.port, to.address);
  }

  #record(announce: RecordedAnnounce): TrackerReply {
    this.announces.push(announce);
    const { address, port, infoHash } = announce;
    if (announce.event === 'stopped') this.#swarm(infoHash).delete(`${address} ${port}`);
    else this.addPeer(infoHash, { address, port }, announce.left === 0);
    for (const look of [...this.#waiting]) look();
    return typeof this.reply === 'function' ? this.reply(announce) : this.reply;
  }

  #peersFor(announce: RecordedAnnounce, reply: TrackerReply): readonly TrackerPeer[] {
    if (reply.peers !== undefined) return reply.peers;
    const others = [...this.#swarm(announce.infoHash).values()].filter(
      ({ address, port }) => address !== announce.address || port !== announce.port,
    );
    return announce.event === 'stopped' ? [] : others.slice(0, announce.numWant);
  }

  #seedCount({ infoHash }: RecordedAnnounce): number {
    return [...this.#swarm(infoHash).values()].filter(({ isSeed }) => isSeed).length;
  }

  #swarm(infoHash: string): Map<string, SwarmPeer> {
    const swarm = this.#swarms.get(infoHash) ?? new Map<string, SwarmPeer>();
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }

  #after(delayMs: number | undefined, action: () => void): void {
    if (delayMs === undefined) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      action();
    }, delayMs);
    this.#delayed.add(timer);
  }

  #now(): number {
    return performance.now() - this.#startedAt;
  }
}

function tlsFiles(): { key: Buffer; cert: Buffer } {
  return {
    key: readFileSync(new URL('server.key', TLS_FOLDER)),
    cert: readFileSync(new URL('server.pem', TLS_FOLDER)),
  };
}

/** Latin-1, because a query holds bytes and not text; `URLSearchParams` would damage them. */
function parseQuery(target: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const start = target.indexOf('?');
  if (start < 0) return parameters;
  for (const pair of target.slice(start + 1).split('&')) {
    const equals = pair.indexOf('=');
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    parameters.set(equals < 0 ? pair : pair.slice(0, equals), percentDecode(value));
  }
  return parameters;
}

function percentDecode(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function eventOf(text: string): RecordedEvent {
  return text === 'started' || text === 'completed' || text === 'stopped' ? text : 'none';
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function isV6(peer: TrackerPeer): boolean {
  return peer.address.includes(':');
}

function compact(peers: readonly TrackerPeer[]): Buffer {
  return Buffer.concat(
    peers.map(({ address, port }) => {
      const tail = Buffer.from([port >> 8, port & 0xff]);
      return Buffer.concat([
        isV6({ address, port }) ? bytesOfV6(address) : Buffer.from(address.split('.').map(Number)),
        tail,
      ]);
    }),
  );
}

function bytesOfV6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function urlData(options: Buffer): string {
  let text = '';
  for (let at = 0; at < options.length && options[at] !== 0; ) {
    if (options[at] === 1) {
      at++;
      continue;
    }
    const end = at + 2 + (options[at + 1] ?? 0);
    if (options[at] === 2) text += options.toString('latin1', at + 2, end);
    at = end;
  }
  return text;
}

function encode(body: Uint8Array, encoding: TrackerReply['encoding']): Uint8Array {
  if (encoding === 'gzip') return gzipSync(body);
  if (encoding === 'deflate') return deflateSync(body);
  return encoding === 'raw-deflate' ? deflateRawSync(body) : body;
}

function encodingHeader(encoding: TrackerReply['encoding']): Record<string, string> {
  if (encoding === undefined) return {};
  return { 'content-encoding': encoding === 'gzip' ? 'gzip' : 'deflate' };
}
