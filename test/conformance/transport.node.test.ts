/** Runs the transport's conformance suite against Node's sockets on loopback. */
import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '../../src/base/endpoint.ts';
import { NodeTime } from '../../src/node/time.ts';
import { NodeTransport } from '../../src/node/transport.ts';
import { type TransportWorld, transportConformance } from './transport.ts';

const DEADLINE_MS = 20_000;
/** How long things that should not happen are given to happen. */
const SETTLE_MS = 40;

/** Listens with a short queue of connections and never looks at it: a thread that sleeps for good. */
const SLEEPER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

class NodeWorld implements TransportWorld {
  readonly #time = new NodeTime();
  readonly near: NodeTransport;
  readonly far: NodeTransport;
  readonly nearAddress = '127.0.0.1';
  readonly farAddress = '127.0.0.1';
  readonly farAddressIPv6 = '::1';
  readonly foreignAddress = '192.0.2.1';
  #sleeper: Worker | null = null;
  readonly #fillers: Socket[] = [];

  constructor() {
    this.#time.bind({ onTurn() {} });
    this.near = new NodeTransport({ time: this.#time });
    this.far = this.near;
  }

  async silentEndpoint(): Promise<Endpoint> {
    this.#sleeper = new Worker(SLEEPER, { eval: true });
    const port = await new Promise<number>((resolve) => this.#sleeper!.once('message', resolve));
    // The system answers dials until the queue is full, then no more.
    let answered = 0;
    for (let i = 0; i < 4; i++) {
      const filler = createConnection({ host: '127.0.0.1', port }, () => answered++);
      filler.on('error', () => {});
      this.#fillers.push(filler);
    }
    await this.advanceUntil(() => answered >= 2);
    await this.settle();
    return { address: '127.0.0.1', port };
  }

  async advanceUntil(predicate: () => boolean): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (!predicate()) {
      assert.ok(performance.now() < deadline, `not after ${DEADLINE_MS} ms: ${predicate}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    await this.#sleeper?.terminate();
    this.#time.close();
  }
}

transportConformance('Node', async () => new NodeWorld());
