/** Runs the transport's conformance suite against the simulated network, in virtual time. */
import assert from 'node:assert/strict';
import { SeededRandom } from '../../src/base/random.ts';
import { Network } from '../../src/sim/network.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { SimTransport } from '../../src/sim/sim-transport.ts';
import { Trace } from '../../src/sim/trace.ts';
import { type TransportWorld, transportConformance } from './transport.ts';

/** More virtual time than any test may take. */
const DEADLINE_MS = 600_000;
/** Several round trips, with a paused reader's buffers filled. */
const SETTLE_MS = 2000;

interface Line {
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
  readonly loss: number;
}

function createWorld(line: Line, isOneHost: boolean): TransportWorld {
  const scheduler = new Scheduler();
  const network = new Network(scheduler, new SeededRandom(1), new Trace());
  const { latencyMs, jitterMs, loss } = line;
  const limits = { latencyMs, jitterMs, loss, upBytesPerSecond: line.bytesPerSecond };
  const lines = { ...limits, downBytesPerSecond: line.bytesPerSecond };
  const near = network.addHost({ name: 'near', addresses: ['20.0.0.1', '2001:db8::1'], ...lines });
  const far = isOneHost
    ? near
    : network.addHost({ name: 'far', addresses: ['20.0.0.2', '2001:db8::2'], ...lines });
  return {
    near: new SimTransport(network, near),
    nearAddress: isOneHost ? '127.0.0.1' : '20.0.0.1',
    far: new SimTransport(network, far),
    farAddress: isOneHost ? '127.0.0.1' : '20.0.0.2',
    farAddressIPv6: isOneHost ? '::1' : '2001:db8::2',
    foreignAddress: '192.0.2.1',
    silentEndpoint: async () => ({ address: '203.0.113.1', port: 6881 }),
    advanceUntil: async (predicate) => {
      assert.equal(scheduler.run(predicate, DEADLINE_MS), 'done', `never: ${predicate}`);
    },
    settle: async () => scheduler.advance(SETTLE_MS),
    close: async () => {
      assert.equal(near.connections.size + far.connections.size, 0, 'no connection is left');
      scheduler.advance(SETTLE_MS);
      assert.equal(scheduler.pendingCount, 0, 'no event is left');
    },
  };
}

const unlimited = Number.POSITIVE_INFINITY;
const FAST: Line = { latencyMs: 5, jitterMs: 0, bytesPerSecond: unlimited, loss: 0 };
const SLOW: Line = { latencyMs: 40, jitterMs: 30, bytesPerSecond: 4e6, loss: 0 };
const LOSSY: Line = { latencyMs: 10, jitterMs: 2, bytesPerSecond: unlimited, loss: 0.02 };

transportConformance('simulated (one host)', async () => createWorld(FAST, true));
transportConformance('simulated (fast lines)', async () => createWorld(FAST, false));
transportConformance('simulated (slow lines with jitter)', async () => createWorld(SLOW, false));
transportConformance('simulated (lossy lines)', async () => createWorld(LOSSY, false));
