/**
 * The announcer, the tracker client and the Node adapters against trackers on loopback, over every protocol and family.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Endpoint } from '../../src/base/endpoint.ts';
import { formatEndpoint } from '../../src/base/endpoint.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { TimerQueue } from '../../src/base/timer-queue.ts';
import { type AnnounceReport, Announcer, type AnnouncerWorld } from '../../src/engine/announcer.ts';
import { TrackerClient } from '../../src/engine/tracker-client.ts';
import { NodeDatagrams } from '../../src/node/datagrams.ts';
import { nodeEntropy } from '../../src/node/entropy.ts';
import { NodeHttpClient } from '../../src/node/http-client.ts';
import { NodeResolver } from '../../src/node/resolver.ts';
import { NodeTime } from '../../src/node/time.ts';
import { RecordingTracker, type TrackerProtocol } from '../support/recording-tracker.ts';
import { Scope } from '../support/scope.ts';

const INFO_HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 13);
const INFO_HASH_HEX = Buffer.from(INFO_HASH).toString('hex');
const PEER_ID = '-SP0100-\x00\xff %&=?#+abc';
const V4 = { address: '127.0.0.1', port: 7001 };
const V6 = { address: '2001:db8::9', port: 7002 };

/** One torrent's announcer as an engine would run it, turn by turn. */
class Host implements AnnouncerWorld {
  readonly reports: AnnounceReport[] = [];
  readonly peers: string[] = [];
  numbers = { uploaded: 0, downloaded: 0, left: 1000 };
  readonly announcer: Announcer;
  readonly stopped: Promise<{ told: number; notTold: number }>;
  readonly #client: TrackerClient;
  readonly #time = new NodeTime();
  readonly #waiting = new Set<() => void>();
  #onStopped: (counts: { told: number; notTold: number }) => void = () => {};

  constructor(scope: Scope, trackers: readonly (readonly string[])[], bindAddress: string | null = null) {
    this.stopped = new Promise((resolve) => {
      this.#onStopped = resolve;
    });
    const time = this.#time;
    const timers = new TimerQueue();
    time.bind({
      onTurn() {
        timers.runDue(time.now());
        time.wakeAt(timers.nextAt);
      },
    });
    this.#client = new TrackerClient({
      http: new NodeHttpClient('Spate/test'),
      datagrams: new NodeDatagrams(),
      resolver: new NodeResolver(),
      entropy: nodeEntropy,
      time,
      timers,
      bindAddress,
    });
    const peerId = Uint8Array.from(Buffer.from(PEER_ID, 'latin1'));
    const options = { infoHash: INFO_HASH, peerId, key: 0xbeef, trackers, client: this.#client };
    this.announcer = new Announcer({ ...options, timers, time, random: new SeededRandom(1) }, this);
    scope.defer(() => {
      this.announcer.abort();
      this.#client.close();
      time.close();
    });
  }

  /** A call into the engine, which is followed by a turn. */
  call(action: (announcer: Announcer) => void): void {
    action(this.announcer);
    this.#time.requestTurn();
  }

  counters() {
    return this.numbers;
  }
  announcePort() {
    return 6881;
  }
  onTrackerPeers(peers: readonly Endpoint[], from: string | null) {
    this.peers.push(...peers.map((peer) => `${formatEndpoint(peer)} from ${from}`));
    this.#look();
  }
  onAnnounceDone(report: AnnounceReport) {
    this.reports.push(report);
    this.#look();
  }
  onAnnouncerStopped(told: number, notTold: number) {
    this.#onStopped({ told, notTold });
  }

  /** Resolves when `condition` holds, looked at after each event. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

describe('announces to trackers on loopback', { concurrency: true }, () => {
  for (const protocol of ['http', 'udp'] as const) {
    for (const host of ['127.0.0.1', '::1']) {
      test(`${protocol} over ${host}: started, periodic, completed, stopped, with true numbers`, {
        timeout: 30_000,
      }, async (t) => {
        const { scope, tracker } = await trackerOf(t, protocol, host);
        const peer = protocol === 'udp' && host === '::1' ? V6 : V4;
        tracker.reply = { intervalSeconds: 5, peers: [peer] };
        const torrent = new Host(scope, [[tracker.url]]);
        torrent.call((announcer) => announcer.start());
        const started = await tracker.waitFor('started');
        assert.equal(started.infoHash, INFO_HASH_HEX);
        assert.equal(started.peerId, PEER_ID);
        assert.equal(started.port, 6881);
        assert.equal(started.numWant, 200);
        assert.equal(started.key, '0000BEEF');
        assert.deepEqual([started.uploaded, started.downloaded, started.left], [0, 0, 1000]);
        if (protocol === 'http') {
          assert.equal(started.parameters.get('compact'), '1');
          assert.equal(started.parameters.has('ip'), false);
          assert.equal(started.headers['user-agent'], 'Spate/test');
        }
        await torrent.until(() => torrent.peers.length > 0);
        assert.deepEqual(torrent.peers, [`${formatEndpoint(peer)} from ${host}`]);

        torrent.numbers = { uploaded: 7, downloaded: 2 ** 33, left: 500 };
        const periodic = await tracker.waitFor('none');
        assert.ok(periodic.at - started.at >= 4990, `${periodic.at - started.at} ms`);
        assert.deepEqual([periodic.uploaded, periodic.downloaded, periodic.left], [7, 2 ** 33, 500]);

        torrent.numbers = { uploaded: 8, downloaded: 2 ** 33 + 500, left: 0 };
        torrent.call((announcer) => {
          announcer.complete();
          announcer.stop(3000);
        });
        assert.deepEqual(await torrent.stopped, { told: 1, notTold: 0 });
        assert.deepEqual(tracker.events(), ['started', 'none', 'completed', 'stopped']);
        const last = tracker.announces.at(-1);
        assert.equal(last?.numWant, 0);
        assert.equal(last?.left, 0);
      });
    }
  }

  test('a UDP tracker with a name is announced over each family that it answers over', async (t) => {
    const scope = scopeOf(t);
    const v4 = await RecordingTracker.start(scope, { protocol: 'udp', host: '127.0.0.1' });
    const v6 = await RecordingTracker.start(scope, { protocol: 'udp', host: '::1', port: v4.port });
    v4.reply = { peers: [V4] };
    v6.reply = { peers: [V6] };
    const time = new NodeTime();
    const timers = new TimerQueue();
    const client = new TrackerClient({
      http: new NodeHttpClient('Spate/test'),
      datagrams: new NodeDatagrams(),
      resolver: new NodeResolver((_, done) =>
        setImmediate(() =>
          done(null, [
            { address: '::1', family: 6 },
            { address: '127.0.0.1', family: 4 },
          ]),
        ),
      ),
      entropy: nodeEntropy,
      time,
      timers,
      bindAddress: null,
    });
    scope.defer(() => {
      client.close();
      time.close();
    });
    const peers: string[] = [];
    const end = await new Promise((resolve) => {
      const request = {
        url: `udp://both.example:${v4.port}/announce?passkey=abc`,
        infoHash: INFO_HASH,
        peerId: new Uint8Array(20),
        port: 1,
        key: 5,
        source: { counters: () => ({ uploaded: 0, downloaded: 0, left: 1 }) },
        event: 'started' as const,
        numWant: 200,
        trackerId: null,
        timeoutMs: null,
      };
      client.announce(request, {
        onAnswer: (answer, from) =>
          peers.push(...answer.peers.map((peer) => `${formatEndpoint(peer)} from ${from}`)),
        onEnded: resolve,
      });
    });
    assert.equal(end, null);
    assert.deepEqual(peers.sort(), [
      `${formatEndpoint(V4)} from 127.0.0.1`,
      `${formatEndpoint(V6)} from ::1`,
    ]);
    assert.equal(v4.announces[0]?.key, v6.announces[0]?.key);
    assert.equal(v4.announces[0]?.target, '/announce?passkey=abc');
  });

  test('a silent, a refusing, a lying and a good tracker in tiers of their own: peers come at once', async (t) => {
    const scope = scopeOf(t);
    const silent = await RecordingTracker.start(scope, { protocol: 'udp' });
    silent.reply = { silent: true };
    const refusing = await RecordingTracker.start(scope);
    refusing.reply = { failureReason: 'no such torrent' };
    const lying = await RecordingTracker.start(scope);
    lying.reply = { garbage: Buffer.from('<html>lovely</html>') };
    const good = await RecordingTracker.start(scope);
    good.reply = { peers: [V4, V6] };
    const torrent = new Host(scope, [[silent.url], [refusing.url], [lying.url], [good.url]]);
    const before = performance.now();
    torrent.call((announcer) => announcer.start());
    await torrent.until(() => torrent.peers.length > 0 && torrent.reports.length === 3);
    assert.ok(performance.now() - before < 2000);
    const told = new Map(torrent.reports.map(({ url, message }) => [url, message]));
    assert.equal(told.get(refusing.url), 'the tracker refused: no such torrent');
    assert.match(told.get(lying.url)!, /makes no sense: the answer is a web page/);
    assert.equal(torrent.announcer.summary(0).failedCount, 2);
    torrent.call((announcer) => announcer.stop(1000));
    assert.deepEqual(await torrent.stopped, { told: 1, notTold: 0 });
    assert.deepEqual(good.events(), ['started', 'stopped']);
    assert.deepEqual(refusing.events(), ['started']);
  });

  test('within a tier a silent tracker delays the next one by five seconds', {
    timeout: 30_000,
  }, async (t) => {
    const scope = scopeOf(t);
    const trackers = [await RecordingTracker.start(scope), await RecordingTracker.start(scope)];
    const order: number[] = [];
    for (const [i, tracker] of trackers.entries()) {
      tracker.reply = () => {
        order.push(i);
        return order.length === 1 ? { silent: true } : { peers: [V4] };
      };
    }
    const torrent = new Host(scope, [trackers.map(({ url }) => url)]);
    const before = performance.now();
    torrent.call((announcer) => announcer.start());
    await torrent.until(() => torrent.peers.length > 0);
    const waited = performance.now() - before;
    assert.ok(waited >= 4990 && waited < 7000, `${waited} ms`);
    assert.equal(new Set(order).size, 2);
  });

  test('a tracker that does not answer stopped costs no more than the deadline', async (t) => {
    const { scope, tracker } = await trackerOf(t, 'http', '127.0.0.1');
    tracker.reply = ({ event }) => ({ silent: event === 'stopped', peers: [V4] });
    const torrent = new Host(scope, [[tracker.url]]);
    torrent.call((announcer) => announcer.start());
    await torrent.until(() => torrent.reports.length === 1);
    const before = performance.now();
    torrent.call((announcer) => announcer.stop(300));
    assert.deepEqual(await torrent.stopped, { told: 0, notTold: 1 });
    assert.ok(performance.now() - before < 1000);
    assert.deepEqual(tracker.events(), ['started', 'stopped']);
  });

  test('a passkey in the URL is sent, and neither reports nor snapshots show it', async (t) => {
    const key = '0123456789abcdef0123456789abcdef';
    const scope = scopeOf(t);
    const tracker = await RecordingTracker.start(scope, { path: `/${key}/announce?pid=${key}` });
    tracker.reply = { failureReason: `passkey ${key} is not known` };
    const torrent = new Host(scope, [[tracker.url]]);
    torrent.call((announcer) => announcer.start());
    await torrent.until(() => torrent.reports.length === 1);
    assert.ok(tracker.announces[0]?.target.startsWith(`/${key}/announce?pid=${key}&info_hash=`));
    const shown = JSON.stringify([
      torrent.reports,
      torrent.announcer.snapshots(0),
      torrent.announcer.summary(0),
    ]);
    assert.ok(!shown.includes(key), shown);
    assert.match(shown, /passkey 012\*\*\* is not known/);
  });

  test('the bound address is what a tracker sees, over HTTP and UDP, and the other family is left alone', async (t) => {
    for (const protocol of ['http', 'udp'] as const) {
      const { scope, tracker } = await trackerOf(t, protocol, '127.0.0.1');
      const torrent = new Host(scope, [[tracker.url]], '127.0.0.3');
      torrent.call((announcer) => announcer.start());
      assert.equal((await tracker.waitFor('started')).address, '127.0.0.3');
      const v6 = new Host(scope, [[tracker.url]], '::1');
      v6.call((announcer) => announcer.start());
      await v6.until(() => v6.reports.length === 1);
      assert.equal(v6.reports[0]?.ok, false);
    }
  });
});

async function trackerOf(
  t: TestContext,
  protocol: TrackerProtocol,
  host: string,
): Promise<{ scope: Scope; tracker: RecordingTracker }> {
  const scope = scopeOf(t);
  return { scope, tracker: await RecordingTracker.start(scope, { protocol, host }) };
}

function scopeOf(t: TestContext): Scope {
  return new Scope({ after: (action) => t.after(action) });
}
