import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { Failure } from '../ports/failure.ts';
import { tcpFailure } from './tcp-errors.ts';
import { NodeTime } from './time.ts';
import { NodeTransport } from './transport.ts';

const MODULES = new URL('./', import.meta.url).href;

/** What every child program begins with: a transport, and a way to say a line of JSON. */
const PRELUDE = `
  import { NodeTime } from '${MODULES}time.ts';
  import { NodeTransport } from '${MODULES}transport.ts';
  const time = new NodeTime();
  time.bind({ onTurn() {} });
  const transport = new NodeTransport({ time });
  const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
`;

/** A program in a process of its own, where at most `descriptors` may be open; it talks in lines of JSON. */
class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterableIterator<string>;

  constructor(body: string, descriptors: number) {
    const command = `ulimit -n ${descriptors}; exec "$0" --input-type=module -e "$1"`;
    this.process = spawn('sh', ['-c', command, process.execPath, PRELUDE + body], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  async next<T>(): Promise<T> {
    const line = await this.#lines.next();
    assert.ok(line.done !== true, 'the child speaks');
    return JSON.parse(line.value) as T;
  }

  tell(): void {
    this.process.stdin!.write('\n');
  }

  async stop(): Promise<void> {
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}

const LISTENING_CHILD = `
  const sides = new Set();
  let acceptedInAll = 0;
  const onAccepted = (connection) => {
    const side = { onConnected() {}, onData() {}, onDrained() {}, onClosed() { sides.delete(connection); } };
    sides.add(connection);
    acceptedInAll++;
    return side;
  };
  const onListenFailed = (failure) => say({ failure });
  const onListening = (listener) => say({ port: listener.local.port });
  transport.listen({ address: '127.0.0.1', port: 0 }, { onAccepted }, { onListening, onListenFailed });
  process.stdin.on('data', () => {
    const { user, system } = process.cpuUsage();
    say({ accepted: acceptedInAll, open: sides.size, cpuMs: (user + system) / 1000 });
  });
`;

interface ListeningState {
  readonly accepted: number;
  readonly open: number;
  readonly cpuMs: number;
}

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    assert.ok(performance.now() < deadline, `not in time: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('without descriptors a listener neither dies nor spins, and accepts again when some are free', async () => {
  const child = new Child(LISTENING_CHILD, 64);
  const sockets: Socket[] = [];
  const dial = (port: number): void => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    sockets.push(socket);
  };
  const state = async (): Promise<ListeningState> => {
    child.tell();
    return child.next<ListeningState>();
  };
  try {
    const { port } = await child.next<{ port: number }>();
    for (let i = 0; i < 120; i++) dial(port);
    const full = await until(state, ({ open }) => open >= 20);
    assert.ok(full.open < 64);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = await state();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const after = await state();
    assert.ok(
      after.cpuMs - before.cpuMs < 300,
      `${after.cpuMs - before.cpuMs} ms of CPU in a second of nothing`,
    );
    for (const socket of sockets) socket.destroy();
    const empty = await until(state, ({ open }) => open === 0);
    dial(port);
    await until(state, ({ accepted }) => accepted > empty.accepted);
  } finally {
    for (const socket of sockets) socket.destroy();
    await child.stop();
  }
});

const DIALLING_CHILD = `
  const codes = {};
  let closed = 0;
  let connected = 0;
  const report = () => say({ codes, closed, connected });
  process.stdin.on('data', report);
  const connections = [];
  for (let i = 0; i < 120; i++) {
    connections.push(transport.dial(
      { address: '127.0.0.1', port: PORT },
      { timeoutMs: 5000, localAddress: null },
      {
        onConnected() { connected++; },
        onData() {},
        onDrained() {},
        onBlocksWritten() {},
        onClosed(failure) { closed++; codes[failure.code] = (codes[failure.code] ?? 0) + 1; },
      },
    ));
  }
`;

test('a dial without a descriptor fails with too-many-open-files, the others connect', async () => {
  const listening = new Child(LISTENING_CHILD, 1024);
  const { port } = await listening.next<{ port: number }>();
  const dialling = new Child(DIALLING_CHILD.replace('PORT', String(port)), 64);
  try {
    const state = await until(
      async () => {
        dialling.tell();
        return dialling.next<{ codes: Record<string, number>; closed: number; connected: number }>();
      },
      ({ closed, connected }) => closed + connected === 120,
    );
    assert.ok(state.connected >= 20);
    assert.deepEqual(state.codes, { 'too-many-open-files': state.closed });
    assert.ok(state.closed >= 50);
  } finally {
    await dialling.stop();
    await listening.stop();
  }
});

test('end delivers all to a peer that has ended its own side already and reads late', async () => {
  const received: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const time = new NodeTime();
  time.bind({ onTurn() {} });
  const sent = Buffer.alloc(16 << 20, 'spate');
  const closed = new Promise<Failure>((resolve) => {
    const { port } = server.address() as AddressInfo;
    const connection = new NodeTransport({ time }).dial(
      { address: '127.0.0.1', port },
      { timeoutMs: 5000, localAddress: null },
      {
        onConnected() {
          connection.write(sent);
          connection.end();
        },
        onData() {},
        onDrained() {},
        onBlocksWritten() {},
        onClosed: resolve,
      },
    );
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.on('data', (chunk) => received.push(chunk));
  const ended = once(socket, 'end');
  socket.resume();
  assert.equal((await closed).code, 'aborted');
  await ended;
  assert.ok(Buffer.concat(received).equals(sent));
  server.close();
  time.close();
});

test('socket errors become failures by their code', () => {
  const failureOf = (code: string): Failure =>
    tcpFailure(Object.assign(new Error('text'), { code, syscall: 'read' }), 'connect', '192.0.2.1:6881');
  const expected = {
    ECONNREFUSED: 'refused',
    ECONNRESET: 'reset',
    EPIPE: 'reset',
    ETIMEDOUT: 'timeout',
    EHOSTUNREACH: 'unreachable',
    ENETUNREACH: 'unreachable',
    EADDRINUSE: 'address-in-use',
    EADDRNOTAVAIL: 'address-unavailable',
    EMFILE: 'too-many-open-files',
    ENFILE: 'too-many-open-files',
    EACCES: 'access-denied',
  };
  for (const [code, failure] of Object.entries(expected)) {
    assert.deepEqual(failureOf(code), { code: failure, operation: 'read', detail: '192.0.2.1:6881' });
  }
});

test('an error that has no code of ours keeps its own for people', () => {
  const error = Object.assign(new Error('text'), { code: 'EWHATEVER' });
  assert.deepEqual(tcpFailure(error, 'connect', '192.0.2.1:6881'), {
    code: 'other',
    operation: 'connect',
    detail: '192.0.2.1:6881: EWHATEVER',
  });
});
