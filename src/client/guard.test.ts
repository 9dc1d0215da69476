import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Connection,
  ConnectionHandler,
  Listener,
  ListenHandler,
  Transport,
} from '../ports/transport.ts';
import { Guard } from './guard.ts';
import { guardTransport } from './guarded-ports.ts';

class Engine implements ConnectionHandler {
  readonly calls: string[] = [];
  onConnected(): void {
    this.calls.push('connected');
  }
  onData(_bytes: Uint8Array, start: number, end: number): void {
    this.calls.push(`data ${start}-${end}`);
    if (end === 13) throw new TypeError('bug');
  }
  onBlocksWritten(): void {}

  onDrained(): void {
    this.calls.push('drained');
  }
  onClosed(): void {
    this.calls.push('closed');
  }
}

class Wire implements Connection {
  readonly remote = { address: '127.0.0.1', port: 1 };
  readonly unsentBytes = 0;
  isAborted = false;
  write(): void {}

  writeBlock(): void {}
  setReading(): void {}
  end(): void {}
  abort(): void {
    this.isAborted = true;
  }
}

class World implements Transport {
  readonly wires: Wire[] = [];
  readonly handlers: ConnectionHandler[] = [];
  isListening = true;
  accept: ListenHandler | null = null;
  dial(_remote: unknown, _options: unknown, handler: ConnectionHandler): Connection {
    const wire = new Wire();
    this.wires.push(wire);
    this.handlers.push(handler);
    return wire;
  }
  listen(local: Listener['local'], handler: ListenHandler, result: { onListening(l: Listener): void }): void {
    this.accept = handler;
    result.onListening({
      local,
      close: () => {
        this.isListening = false;
      },
    });
  }
}

const remote = { address: '127.0.0.1', port: 1 };
const options = { timeoutMs: 1, localAddress: null };
const nothing = new Uint8Array(0);

test('calls pass through with their arguments until one throws, and none after it', () => {
  const bugs: unknown[] = [];
  const guard = new Guard((error) => bugs.push(error));
  const world = new World();
  const engine = new Engine();
  guardTransport(world, guard).dial(remote, options, engine);
  const handler = world.handlers[0]!;
  handler.onConnected();
  handler.onData(nothing, 2, 5);
  handler.onData(nothing, 5, 13);
  handler.onData(nothing, 13, 14);
  handler.onClosed({ code: 'reset', operation: 'read', detail: '' });
  assert.deepEqual(engine.calls, ['connected', 'data 2-5', 'data 5-13']);
  assert.equal(bugs.length, 1);
  assert.match(String(bugs[0]), /TypeError: bug/);
});

test('what a dead engine left open is closed without its help, and only that', () => {
  const guard = new Guard(() => undefined);
  const world = new World();
  const transport = guardTransport(world, guard);
  transport.dial(remote, options, new Engine());
  transport.dial(remote, options, new Engine());
  transport.listen(remote, { onAccepted: () => new Engine() }, { onListening() {}, onListenFailed() {} });
  const accepted = new Wire();
  const refusedLater = new Wire();
  world.accept?.onAccepted(accepted);
  world.handlers[0]!.onClosed({ code: 'closed', operation: 'read', detail: '' });
  guard.destroy();
  assert.deepEqual(
    world.wires.map((wire) => wire.isAborted),
    [false, true],
  );
  assert.equal(accepted.isAborted, true);
  assert.equal(world.isListening, false);
  assert.equal(world.accept?.onAccepted(refusedLater), null);
});
