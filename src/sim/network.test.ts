import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../base/random.ts';
import type { Connection, ConnectionHandler } from '../ports/transport.ts';
import { SimDatagrams } from './datagrams.ts';
import { Network } from './network.ts';
import { Scheduler } from './scheduler.ts';
import type { HostOptions, SimHost } from './sim-host.ts';
import { SimTransport } from './sim-transport.ts';
import { Trace } from './trace.ts';

/** Counts what it gets. */
class Sink implements ConnectionHandler {
  bytes = 0;
  closedWith = '';
  connectedAt = -1;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  onConnected(): void {
    this.connectedAt = this.#scheduler.now;
  }

  onData(_bytes: Uint8Array, start: number, end: number): void {
    this.bytes += end - start;
  }

  onDrained(): void {}
  onBlocksWritten(): void {}

  onClosed(failure: { readonly code: string }): void {
    this.closedWith = failure.code;
  }
}

class Stage {
  readonly scheduler = new Scheduler();
  readonly network = new Network(this.scheduler, new SeededRandom(5), new Trace());
  readonly accepted: { readonly connection: Connection; readonly sink: Sink }[] = [];

  host(name: string, number: number, options: Partial<HostOptions> = {}): SimHost {
    return this.network.addHost({ name, addresses: [`20.0.0.${number}`], latencyMs: 10, ...options });
  }

  listen(host: SimHost): void {
    const onAccepted = (connection: Connection): ConnectionHandler => {
      const sink = new Sink(this.scheduler);
      this.accepted.push({ connection, sink });
      return sink;
    };
    const result = { onListening() {}, onListenFailed: () => assert.fail('listens') };
    new SimTransport(this.network, host).listen({ address: '::', port: 80 }, { onAccepted }, result);
    this.scheduler.advance(1);
  }

  dial(from: SimHost, to: SimHost): { readonly connection: Connection; readonly sink: Sink } {
    const sink = new Sink(this.scheduler);
    const remote = { address: to.addresses[0]!, port: 80 };
    const options = { timeoutMs: 5000, localAddress: null };
    return { connection: new SimTransport(this.network, from).dial(remote, options, sink), sink };
  }
}

test('a dial takes a round trip', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1), stage.host('far', 2, { latencyMs: 30 })];
  stage.listen(far);
  const { sink } = stage.dial(near, far);
  stage.scheduler.advance(200);
  assert.equal(sink.connectedAt, 1 + 2 * 40);
});

test('a line carries its rate and no more, shared fairly by its connections', () => {
  const stage = new Stage();
  const server = stage.host('server', 1, { upBytesPerSecond: 1_000_000 });
  stage.listen(server);
  const sinks = [2, 3, 4, 5].map((number) => stage.dial(stage.host(`client ${number}`, number), server).sink);
  stage.scheduler.advance(100);
  for (const { connection } of stage.accepted) connection.write(new Uint8Array(5_000_000));
  stage.scheduler.advance(4000);
  const total = sinks.reduce((sum, sink) => sum + sink.bytes, 0);
  assert.ok(total > 3_800_000 && total <= 4_000_000, `${total} bytes in 4 s`);
  for (const sink of sinks) assert.ok(Math.abs(sink.bytes - total / 4) < 70_000, `${sink.bytes} of ${total}`);
});

test('a slow way down holds the sender back', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1, { downBytesPerSecond: 100_000 }), stage.host('far', 2)];
  stage.listen(far);
  const { sink } = stage.dial(near, far);
  stage.scheduler.advance(100);
  stage.accepted[0]!.connection.write(new Uint8Array(2_000_000));
  stage.scheduler.advance(5000);
  assert.ok(sink.bytes > 400_000 && sink.bytes <= 500_000, `${sink.bytes} bytes in 5 s`);
  assert.ok(stage.accepted[0]!.connection.unsentBytes > 1_000_000, 'the rest waits with who wrote it');
});

test('when a program is killed, its peers are reset; what it had sent still arrives', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1), stage.host('far', 2)];
  stage.listen(far);
  const { sink } = stage.dial(near, far);
  stage.scheduler.advance(100);
  stage.accepted[0]!.connection.write(new Uint8Array(1000));
  stage.scheduler.advance(1);
  far.killPrograms();
  stage.scheduler.advance(100);
  assert.deepEqual([sink.bytes, sink.closedWith, stage.accepted[0]!.sink.closedWith], [1000, 'reset', '']);
  assert.equal(near.connections.size + far.connections.size, 0);
});

test('a machine that goes dark says nothing; who keeps writing gives up after many minutes', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1), stage.host('far', 2)];
  stage.listen(far);
  const { connection, sink } = stage.dial(near, far);
  stage.scheduler.advance(100);
  far.vanish();
  connection.write(new Uint8Array(10));
  stage.scheduler.advance(10 * 60_000);
  assert.equal(sink.closedWith, '');
  stage.scheduler.advance(10 * 60_000);
  assert.equal(sink.closedWith, 'timeout');
  assert.equal(stage.dial(near, far).sink.closedWith, '');
});

test('a machine that is back knows nothing of old connections and resets them', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1), stage.host('far', 2)];
  stage.listen(far);
  const { connection, sink } = stage.dial(near, far);
  stage.scheduler.advance(100);
  far.vanish();
  stage.scheduler.advance(1000);
  far.restore();
  connection.write(new Uint8Array(10));
  stage.scheduler.advance(1000);
  assert.equal(sink.closedWith, 'reset');
});

test('datagrams arrive, are lost at the share of the line, and never come from a call', () => {
  const stage = new Stage();
  const [near, far] = [stage.host('near', 1, { loss: 0.25, jitterMs: 20 }), stage.host('far', 2)];
  const received: number[] = [];
  const handler = {
    onDatagram(bytes: Uint8Array, from: { readonly address: string }): void {
      assert.equal(from.address, near.addresses[0]);
      received.push(bytes[0]! * 256 + bytes[1]!);
    },
    onFailure: () => assert.fail('no failure'),
  };
  new SimDatagrams(stage.network, far).open({ address: '0.0.0.0', port: 53 }, handler);
  const socket = new SimDatagrams(stage.network, near).open({ address: '0.0.0.0', port: 0 }, handler);
  const to = { address: far.addresses[0]!, port: 53 };
  for (let i = 0; i < 2000; i++) socket.send(Uint8Array.of(i >>> 8, i), to);
  assert.equal(received.length, 0);
  stage.scheduler.advance(100);
  assert.ok(Math.abs(received.length - 1500) < 100, `${received.length} of 2000`);
  assert.equal(new Set(received).size, received.length);
  assert.notDeepEqual(
    received,
    [...received].sort((a, b) => a - b),
    'some overtook others',
  );
});

test('a datagram port that is taken is a failure of the socket, after the call', () => {
  const stage = new Stage();
  const host = stage.host('host', 1);
  const codes: string[] = [];
  const handler = { onDatagram() {}, onFailure: ({ code }: { code: string }) => codes.push(code) };
  const datagrams = new SimDatagrams(stage.network, host);
  datagrams.open({ address: '0.0.0.0', port: 53 }, handler);
  datagrams.open({ address: '20.0.0.1', port: 53 }, handler);
  datagrams.open({ address: '20.0.0.9', port: 54 }, handler);
  assert.deepEqual(codes, []);
  stage.scheduler.advance(1);
  assert.deepEqual(codes, ['address-in-use', 'address-unavailable']);
});
