import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../../base/endpoint.ts';
import type { AnnounceAnswer, AnnounceParameters, TrackerRefusal } from './announce.ts';
import { UdpConnections } from './udp-connections.ts';
import { UdpExchange, type UdpExchangeHandler } from './udp-exchange.ts';

const TRACKER: Endpoint = { address: '192.0.2.1', port: 80 };
const OTHER: Endpoint = { address: '192.0.2.2', port: 80 };
const SECOND = 1000;

/** One exchange and all that comes out of it, as lines: `0 connect 192.0.2.1`. */
class Scene implements UdpExchangeHandler {
  now = 0;
  left = 10;
  readonly lines: string[] = [];
  readonly transactionIds: string[] = [];
  readonly exchange: UdpExchange;
  #seed = 1;

  constructor(connections = new UdpConnections(), endpoints: Endpoint[] = [TRACKER]) {
    const entropy = { fill: (bytes: Uint8Array) => void bytes.fill(this.#seed++) };
    const urlData = new Uint8Array(0);
    this.exchange = new UdpExchange({ endpoints, addressLength: 4, urlData, connections, entropy }, this);
  }

  parameters(): AnnounceParameters {
    const [infoHash, peerId] = [new Uint8Array(20), new Uint8Array(20)];
    const counters = { uploaded: 0, downloaded: 0, left: this.left };
    return { infoHash, peerId, port: 1, key: 1, counters, event: 'started', numWant: 1, trackerId: null };
  }
  send(bytes: Uint8Array, to: Endpoint) {
    const view = new DataView(bytes.buffer);
    this.transactionIds.push(view.getUint32(12).toString(16));
    const what = bytes.length === 16 ? 'connect' : `announce(${view.getUint32(68)} left)`;
    this.lines.push(`${this.now / SECOND} ${what} ${to.address}`);
  }
  onAnswer(answer: AnnounceAnswer, from: Endpoint) {
    this.lines.push(`${this.now / SECOND} answer ${answer.intervalSeconds} from ${from.address}`);
  }
  onRefusal(refusal: TrackerRefusal) {
    this.lines.push(`${this.now / SECOND} refused ${refusal.reason}`);
  }
  onMalformed(reason: string) {
    this.lines.push(`${this.now / SECOND} malformed ${reason}`);
  }
  onSilence() {
    this.lines.push(`${this.now / SECOND} silence`);
  }

  start(): this {
    this.exchange.start(this.now);
    return this;
  }

  /** Lets time pass up to second `at`. */
  until(at: number): this {
    while (this.exchange.nextAt <= at * SECOND) {
      this.now = this.exchange.nextAt;
      this.exchange.onTimeout(this.now);
    }
    this.now = at * SECOND;
    return this;
  }

  /** An answer to the newest request, or to `transactionId`. */
  answer(
    kind: 'connect' | 'announce' | 'error',
    from = TRACKER,
    transactionId = this.transactionIds.at(-1)!,
  ): boolean {
    const action = { connect: 0, announce: 1, error: 3 }[kind];
    const rest = { connect: '0102030405060708', announce: '0000070800000000ffffffff', error: '6e6f' }[kind];
    const hex = action.toString(16).padStart(8, '0') + transactionId.padStart(8, '0') + rest;
    return this.exchange.onDatagram(Uint8Array.from(Buffer.from(hex, 'hex')), from, this.now);
  }
}

test('connect, announce, answer; then nothing more', () => {
  const scene = new Scene().start().until(1);
  assert.ok(scene.answer('connect'));
  assert.ok(scene.answer('announce'));
  assert.deepEqual(scene.lines, [
    '0 connect 192.0.2.1',
    '1 announce(10 left) 192.0.2.1',
    '1 answer 1800 from 192.0.2.1',
  ]);
  assert.equal(scene.exchange.nextAt, Number.POSITIVE_INFINITY);
  assert.ok(!scene.answer('announce'), "a repetition is nobody's");
});

test('a silent tracker is asked again after 15 s doubled each time, nine times in all', () => {
  const scene = new Scene().start().until(100_000);
  const times = [0, 15, 45, 105, 225, 465, 945, 1905, 3825];
  assert.deepEqual(scene.lines, [...times.map((time) => `${time} connect 192.0.2.1`), '7665 silence']);
});

test('an announce is sent again with the same transaction and new counters, until its connection id is too old', () => {
  const scene = new Scene().start().until(1);
  scene.answer('connect');
  scene.left = 5;
  scene.until(110);
  assert.deepEqual(scene.lines.slice(1), [
    '1 announce(10 left) 192.0.2.1',
    '16 announce(5 left) 192.0.2.1',
    '46 announce(5 left) 192.0.2.1',
    '106 connect 192.0.2.1',
  ]);
  assert.equal(new Set(scene.transactionIds.slice(1, 4)).size, 1);
  assert.equal(new Set(scene.transactionIds).size, 3);
});

test('the announce has its own retransmissions, but a tracker that only ever connects is not asked for ever', () => {
  const scene = new Scene().start();
  for (let i = 0; i < 40; i++) {
    if (scene.lines.at(-1)?.includes('connect')) scene.answer('connect');
    else if (scene.exchange.nextAt < Number.POSITIVE_INFINITY) scene.until(scene.exchange.nextAt / SECOND);
  }
  assert.match(scene.lines.at(-1)!, /silence/);
});

test('a connection id is shared for less than a minute', () => {
  const connections = new UdpConnections();
  const first = new Scene(connections).start();
  first.answer('connect');
  first.answer('announce');
  const second = new Scene(connections).until(59.9).start();
  assert.deepEqual(second.lines, ['59.9 announce(10 left) 192.0.2.1']);
  const third = new Scene(connections).until(60).start();
  assert.deepEqual(third.lines, ['60 connect 192.0.2.1']);
});

test('an error to an id of an earlier exchange means to connect again, and the next error is a refusal', () => {
  const connections = new UdpConnections();
  connections.set(TRACKER, new Uint8Array(8), 0);
  const scene = new Scene(connections).start();
  scene.answer('error');
  scene.answer('connect');
  scene.answer('error');
  assert.deepEqual(scene.lines, [
    '0 announce(10 left) 192.0.2.1',
    '0 connect 192.0.2.1',
    '0 announce(10 left) 192.0.2.1',
    '0 refused no',
  ]);
});

test('a tracker with several addresses is asked at the next one when one is silent, and may answer late', () => {
  const scene = new Scene(new UdpConnections(), [TRACKER, OTHER]).start().until(20);
  assert.deepEqual(scene.lines, ['0 connect 192.0.2.1', '15 connect 192.0.2.2']);
  scene.answer('connect', OTHER);
  assert.equal(scene.lines.at(-1), '20 announce(10 left) 192.0.2.2');
});

test('an answer counts only from the tracker and for the outstanding transaction', () => {
  const scene = new Scene().start();
  assert.ok(!scene.answer('connect', OTHER));
  assert.ok(!scene.answer('connect', { ...TRACKER, port: 81 }));
  assert.ok(!scene.answer('connect', TRACKER, '77'));
  assert.ok(!scene.exchange.onDatagram(new Uint8Array(3), TRACKER, 0));
  assert.equal(scene.lines.length, 1);
});

test('the wrong answer ends the exchange', () => {
  const scene = new Scene().start();
  scene.answer('announce');
  assert.match(scene.lines.at(-1)!, /malformed an answer to announce/);
  assert.equal(scene.exchange.nextAt, Number.POSITIVE_INFINITY);
});
