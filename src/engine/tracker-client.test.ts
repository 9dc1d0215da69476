import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { TimerQueue } from '../base/timer-queue.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import type { HttpHandler, HttpRequest } from '../ports/http.ts';
import type { ResolveHandler } from '../ports/resolver.ts';
import type { AnnounceFailure, AnnounceRequest } from './tracker-announce.ts';
import { TrackerClient } from './tracker-client.ts';

const V4: Endpoint = { address: '192.0.2.1', port: 80 };
const V6: Endpoint = { address: '2001:db8::1', port: 80 };

/** The client in a world of fakes, which notes what goes out (`192.0.2.1:80 connect`) and how announces end. */
class Scene {
  now = 0;
  turns = 0;
  readonly timers = new TimerQueue();
  readonly sent: { line: string; transactionId: number }[] = [];
  readonly opened: { local: string; handler: DatagramHandler; isClosed: boolean }[] = [];
  readonly gets: { request: HttpRequest; handler: HttpHandler; isCancelled: boolean }[] = [];
  readonly questions: { host: string; handler: ResolveHandler; isCancelled: boolean }[] = [];
  readonly outcomes: string[] = [];
  readonly client: TrackerClient;

  constructor(bindAddress: string | null = null) {
    let entropy = 1;
    this.client = new TrackerClient({
      http: { get: (request, handler) => this.#note(this.gets, { request, handler, isCancelled: false }) },
      resolver: {
        resolve: (host, _timeoutMs, handler) =>
          this.#note(this.questions, { host, handler, isCancelled: false }),
      },
      datagrams: { open: (local, handler) => this.#open(local, handler) },
      entropy: { fill: (bytes) => void bytes.fill(entropy++) },
      time: {
        now: () => this.now,
        wallClock: () => 0,
        bind: () => {},
        requestTurn: () => void this.turns++,
        wakeAt: () => {},
      },
      timers: this.timers,
      bindAddress,
    });
  }

  announce(url: string, fields: Partial<AnnounceRequest> = {}) {
    const [infoHash, peerId] = [new Uint8Array(20), new Uint8Array(20)];
    const source = { counters: () => ({ uploaded: 0, downloaded: 0, left: 1 }) };
    const base = { infoHash, peerId, port: 1, key: 1, source, event: 'started' as const, numWant: 1 };
    return this.client.announce(
      { url, ...base, trackerId: null, timeoutMs: null, ...fields },
      {
        onAnswer: (answer, from) => this.outcomes.push(`${answer.intervalSeconds} from ${from}`),
        onEnded: (failure) => this.outcomes.push(words(failure)),
      },
    );
  }

  run(until: number): void {
    while (this.timers.nextAt <= until) {
      this.now = Math.max(this.now, this.timers.nextAt);
      this.timers.runDue(this.now);
    }
    this.now = until;
  }

  /** What went out since the last call. */
  said(): string[] {
    return this.sent.splice(0).map(({ line }) => line);
  }

  /** The tracker at `from` answers the newest packet that went to it. */
  udp(from: Endpoint, transactionId: number, action: number, rest: string): void {
    const head = [
      0,
      0,
      0,
      action,
      transactionId >>> 24,
      (transactionId >> 16) & 255,
      (transactionId >> 8) & 255,
    ];
    const bytes = Uint8Array.from([...head, transactionId & 255, ...Buffer.from(rest, 'hex')]);
    const isV6 = from.address.includes(':');
    this.opened.findLast(({ local }) => local.includes('[') === isV6)?.handler.onDatagram(bytes, from);
  }

  /** Answers whatever is outstanding at `from` until the announce is through. */
  serve(from: Endpoint): void {
    const to = formatEndpoint(from);
    const last = () => this.sent.findLast(({ line }) => line.startsWith(`${to} `));
    if (last()?.line.endsWith('connect')) this.udp(from, last()!.transactionId, 0, '0102030405060708');
    this.udp(from, last()!.transactionId, 1, '0000070800000000ffffffff');
  }

  #open(local: Endpoint, handler: DatagramHandler) {
    const opened = { local: formatEndpoint(local), handler, isClosed: false };
    this.opened.push(opened);
    return {
      send: (bytes: Uint8Array, to: Endpoint) => {
        const transactionId = new DataView(bytes.buffer).getUint32(12);
        const line = `${formatEndpoint(to)} ${bytes.length === 16 ? 'connect' : 'announce'}`;
        this.sent.push({ line, transactionId });
      },
      close: () => {
        opened.isClosed = true;
      },
    };
  }

  #note<T extends { isCancelled: boolean }>(list: T[], item: T) {
    list.push(item);
    return {
      cancel: () => {
        item.isCancelled = true;
      },
    };
  }
}

function words(failure: AnnounceFailure | null): string {
  return failure === null ? 'done' : `${failure.code}: ${failure.message}`;
}

test('a UDP tracker is asked over both families through one socket each, and every input asks for a turn', () => {
  const scene = new Scene();
  scene.announce('udp://t.example:80/announce');
  scene.announce('udp://t.example:80/announce');
  assert.equal(scene.questions[0]?.host, 't.example');
  for (const { handler } of scene.questions) handler.onResolved([V6.address, V4.address]);
  assert.deepEqual(
    scene.opened.map(({ local }) => local),
    ['0.0.0.0:0', '[::]:0'],
  );
  const turns = scene.turns;
  scene.serve(V4);
  assert.deepEqual(scene.outcomes, ['1800 from 192.0.2.1']);
  scene.serve(V6);
  assert.deepEqual(scene.outcomes, ['1800 from 192.0.2.1', '1800 from 2001:db8::1', 'done']);
  assert.equal(scene.turns, turns + 4);
});

test('one family that is silent or fails does not spoil the answer of the other', () => {
  const scene = new Scene();
  scene.announce('udp://t.example:80');
  scene.questions[0]?.handler.onResolved([V6.address, V4.address]);
  scene.opened[1]?.handler.onFailure({ code: 'unreachable', operation: 'send', detail: '' });
  assert.deepEqual(scene.outcomes, []);
  scene.serve(V4);
  assert.deepEqual(scene.outcomes, ['1800 from 192.0.2.1', 'done']);
});

test('stopped goes only over the families that have answered', () => {
  const scene = new Scene();
  scene.announce('udp://t.example:80');
  scene.questions[0]?.handler.onResolved([V6.address, V4.address]);
  scene.serve(V4);
  scene.said();
  scene.announce('udp://t.example:80', { event: 'stopped' });
  scene.questions[1]?.handler.onResolved([V6.address, V4.address]);
  assert.deepEqual(scene.said(), ['192.0.2.1:80 announce']);
});

test('when all families fail, the announce fails with the last reason', () => {
  const scene = new Scene();
  scene.announce('udp://t.example:80');
  scene.questions[0]?.handler.onResolved([V4.address]);
  scene.udp(V4, scene.sent[0]!.transactionId, 3, Buffer.from('go away').toString('hex'));
  assert.deepEqual(scene.outcomes, ['bad-answer: the tracker refused: go away']);
  assert.equal(scene.timers.size, 0);
});

test('a socket that failed is opened again for the next announce', () => {
  const scene = new Scene();
  scene.announce('udp://192.0.2.1:80');
  scene.questions[0]?.handler.onResolved([V4.address]);
  scene.opened[0]?.handler.onFailure({ code: 'address-unavailable', operation: 'bind', detail: '' });
  assert.equal(scene.outcomes.length, 1);
  scene.announce('udp://192.0.2.1:80');
  scene.questions[1]?.handler.onResolved([V4.address]);
  assert.equal(scene.opened.length, 2);
});

test('a bound address limits the family, and a tracker without an address of it is a failure', () => {
  const scene = new Scene('192.0.2.99');
  scene.announce('udp://t.example:80');
  scene.questions[0]?.handler.onResolved([V6.address, V4.address]);
  assert.deepEqual(
    scene.opened.map(({ local }) => local),
    ['192.0.2.99:0'],
  );
  scene.announce('udp://t.example:80');
  scene.questions[1]?.handler.onResolved([V6.address]);
  assert.match(scene.outcomes[0]!, /^address-unavailable: /);
  scene.announce('http://t.example/a');
  assert.equal(scene.gets[0]?.request.localAddress, '192.0.2.99');
});

test('a time-out ends resolving and talking alike', () => {
  for (const isResolved of [false, true]) {
    const scene = new Scene();
    scene.announce('udp://t.example:80', { timeoutMs: 3000 });
    if (isResolved) scene.questions[0]?.handler.onResolved([V4.address]);
    scene.run(2999);
    assert.deepEqual(scene.outcomes, []);
    scene.run(3000);
    assert.deepEqual(scene.outcomes, ['timeout: the tracker did not answer in time']);
    assert.equal(scene.timers.size, 0);
  }
});

test('after cancel nothing is outstanding', () => {
  const scene = new Scene();
  const udp = scene.announce('udp://t.example:80', { timeoutMs: 9000 });
  assert.equal(udp.mayBeHeard, false);
  scene.questions[0]?.handler.onResolved([V4.address]);
  assert.equal(udp.mayBeHeard, false, 'a connect request says nothing');
  scene.udp(V4, scene.sent[0]!.transactionId, 0, '0102030405060708');
  assert.equal(udp.mayBeHeard, true);
  udp.cancel();
  scene.serve(V4);
  const http = scene.announce('https://t.example/');
  http.cancel();
  assert.ok(scene.gets[0]?.isCancelled);
  assert.deepEqual(scene.outcomes, []);
  assert.equal(scene.timers.size, 0);
  scene.client.close();
  assert.ok(scene.opened.every(({ isClosed }) => isClosed));
});

test('an HTTP answer, a refusal with any status, an error status and nonsense are told apart', () => {
  const scene = new Scene();
  const body = (text: string) => new TextEncoder().encode(text);
  const respond = (status: number, text: string, fields: Partial<AnnounceRequest> = {}) => {
    scene.announce('http://t.example/announce', fields);
    scene.gets.at(-1)?.handler.onResponse({ status, body: body(text), remoteAddress: '192.0.2.1' });
    return scene.outcomes.splice(0);
  };
  assert.deepEqual(respond(200, 'd8:intervali60ee'), ['60 from 192.0.2.1', 'done']);
  assert.deepEqual(respond(403, 'd14:failure reason6:bannede'), ['bad-answer: the tracker refused: banned']);
  assert.deepEqual(respond(404, '<html>'), ['http-status: the tracker answered HTTP status 404']);
  assert.deepEqual(respond(200, ''), [
    "bad-answer: the tracker's answer makes no sense: the answer is empty",
  ]);
  assert.deepEqual(respond(200, '', { event: 'stopped' }), ['null from 192.0.2.1', 'done']);
  scene.announce('http://t.example/announce');
  scene.gets.at(-1)?.handler.onFailure({ code: 'tls', operation: 'get', detail: 'expired' });
  assert.deepEqual(scene.outcomes, ['tls: no secure connection: expired']);
});

test('a URL that cannot be announced to fails later, not inside the call', () => {
  const scene = new Scene();
  for (const url of ['wss://t.example/', 'udp://t.example/', 'nonsense']) scene.announce(url);
  assert.deepEqual(scene.outcomes, []);
  scene.run(0);
  assert.deepEqual(scene.outcomes, [
    'unsupported: not supported: a tracker URL of this kind',
    'unsupported: not supported: a UDP tracker without a port',
    'unsupported: not supported: a tracker URL of this kind',
  ]);
  scene.announce('wss://t.example/').cancel();
  scene.run(0);
  assert.equal(scene.outcomes.length, 3);
});
