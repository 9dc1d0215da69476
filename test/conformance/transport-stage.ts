/**
 * Owns what the tests of the transport's conformance suite work with: the world that a factory gives, two sides that check
 * what must hold at every call, and the stage that connects them and clears up.
 */
import assert from 'node:assert/strict';
import type { Endpoint } from '../../src/base/endpoint.ts';
import type { Failure } from '../../src/ports/failure.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  Transport,
} from '../../src/ports/transport.ts';

/** Two machines, which may be one, and the means to let time pass. */
export interface TransportWorld {
  /** The one that dials, and its address as the other sees it. */
  readonly near: Transport;
  readonly nearAddress: string;
  /** The one that listens. May be the same object. */
  readonly far: Transport;
  readonly farAddress: string;
  /** An IPv6 address of the one that listens, reachable from the other; null where the world has no IPv6. */
  readonly farAddressIPv6: string | null;
  /** A valid IPv4 address that neither machine has. */
  readonly foreignAddress: string;
  /** More bytes than the system keeps for a reader that does not read; by default 16 MiB. */
  readonly bulkBytes?: number;
  /** An endpoint that never answers a dial. */
  silentEndpoint(): Promise<Endpoint>;
  /** Lets the world run until `predicate` holds; throws when it never will. */
  advanceUntil(predicate: () => boolean): Promise<void>;
  /** Lets the world run until what is under way has happened. */
  settle(): Promise<void>;
  /** Ends the world. All connections and listeners of the test are closed by then. */
  close(): Promise<void>;
}

const DIAL: DialOptions = { timeoutMs: 5000, localAddress: null };
export const MEBIBYTE = 1 << 20;
const DEFAULT_BULK_BYTES = 16 * MEBIBYTE;

/** Nothing may be called while this is true: a call into the transport is running. */
export class CallGuard {
  isInside = false;

  run<T>(call: () => T): T {
    assert.ok(!this.isInside);
    this.isInside = true;
    try {
      return call();
    } finally {
      this.isInside = false;
    }
  }
}

/** One side of a connection: writes down what it is told, and checks what must hold at every call. */
export class Side implements ConnectionHandler {
  readonly #guard: CallGuard;
  /** Calls in order: `connected`, `drained`, `closed`; data is only counted. */
  readonly calls: string[] = [];
  readonly received: Uint8Array[] = [];
  receivedBytes = 0;
  dataCalls = 0;
  drainedCount = 0;
  /** Blocks that came back. */
  blocksBack = 0;
  failure: Failure | null = null;
  /** Called with each piece of data. */
  whenData: (() => void) | null = null;
  #connection: Connection | null = null;

  constructor(guard: CallGuard) {
    this.#guard = guard;
  }

  attach(connection: Connection): this {
    this.#connection = connection;
    return this;
  }

  get connection(): Connection {
    assert.ok(this.#connection !== null, 'attached');
    return this.#connection;
  }

  get isConnected(): boolean {
    return this.calls.includes('connected');
  }

  get isClosed(): boolean {
    return this.failure !== null;
  }

  get code(): string {
    return this.failure?.code ?? 'open';
  }

  write(bytes: Uint8Array): void {
    this.#guard.run(() => this.connection.write(bytes));
  }

  writeBlock(head: Uint8Array, block: Uint8Array): void {
    this.#guard.run(() => this.connection.writeBlock(head, block));
  }

  end(): void {
    this.#guard.run(() => this.connection.end());
  }

  abort(): void {
    this.#guard.run(() => this.connection.abort());
  }

  setReading(reading: boolean): void {
    this.#guard.run(() => this.connection.setReading(reading));
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.received));
  }

  onConnected(): void {
    this.#check('connected');
    assert.ok(!this.calls.includes('connected'), 'connected once');
    assert.equal(this.dataCalls, 0, 'connected before data');
    this.calls.push('connected');
  }

  onData(bytes: Uint8Array, start: number, end: number): void {
    this.#check('data');
    assert.ok(start >= 0 && end > start && end <= bytes.length, 'data is a range of bytes, and not empty');
    this.dataCalls++;
    this.received.push(bytes.slice(start, end));
    this.receivedBytes += end - start;
    this.whenData?.();
  }

  onDrained(): void {
    this.#check('drained');
    assert.equal(this.connection.unsentBytes, 0, 'drained means that nothing is unsent');
    this.drainedCount++;
    this.calls.push('drained');
  }

  onBlocksWritten(count: number): void {
    this.#check('blocks written');
    assert.ok(count > 0, 'blocks come back by number');
    this.blocksBack += count;
  }

  onClosed(failure: Failure): void {
    this.#check('closed');
    this.failure = failure;
    this.calls.push('closed');
  }

  #check(what: string): void {
    assert.ok(!this.#guard.isInside, `${what} from inside a call`);
    assert.ok(!this.isClosed, `${what} after closed`);
  }
}

/** What a test works with. */
export class Stage {
  readonly world: TransportWorld;
  readonly guard = new CallGuard();
  readonly #listeners: Listener[] = [];
  readonly #sides: Side[] = [];

  constructor(world: TransportWorld) {
    this.world = world;
  }

  side(): Side {
    const side = new Side(this.guard);
    this.#sides.push(side);
    return side;
  }

  dial(remote: Endpoint, options: Partial<DialOptions> = {}): Side {
    const side = this.side();
    return side.attach(this.guard.run(() => this.world.near.dial(remote, { ...DIAL, ...options }, side)));
  }

  /** Listens; accepted connections are appended to `accepted`, unless `refuse` says so. */
  async listen(local: Endpoint, accepted: Side[], refuse = false): Promise<Listener> {
    const outcome = await this.tryListen(local, accepted, refuse);
    assert.ok('local' in outcome, `listening failed: ${JSON.stringify(outcome)}`);
    return outcome;
  }

  async tryListen(local: Endpoint, accepted: Side[] = [], refuse = false): Promise<Listener | Failure> {
    const outcomes: (Listener | Failure)[] = [];
    const onAccepted = (connection: Connection): ConnectionHandler | null => {
      assert.ok(!this.guard.isInside, 'accepted from inside a call');
      if (refuse) return null;
      const side = this.side().attach(connection);
      accepted.push(side);
      return side;
    };
    const add = (outcome: Listener | Failure): void => {
      assert.ok(!this.guard.isInside, 'listening ended inside the call');
      outcomes.push(outcome);
    };
    const result = { onListening: add, onListenFailed: add };
    this.guard.run(() => this.world.far.listen(local, { onAccepted }, result));
    await this.world.advanceUntil(() => outcomes.length > 0);
    const outcome = outcomes[0]!;
    if ('local' in outcome) this.#listeners.push(outcome);
    return outcome;
  }

  /** Two connected sides: the one that dialled and the one that accepted. */
  async pair(address = this.world.farAddress): Promise<[dialled: Side, accepted: Side]> {
    const accepted: Side[] = [];
    const listener = await this.listen({ address, port: 0 }, accepted);
    const dialled = this.dial(listener.local);
    await this.world.advanceUntil(() => dialled.isConnected && accepted.length === 1);
    return [dialled, accepted[0]!];
  }

  /** Writes more than the system keeps while the other side does not read; how much that was. */
  writeBulk(side: Side): number {
    const sent = pattern(MEBIBYTE);
    const bulkBytes = this.world.bulkBytes ?? DEFAULT_BULK_BYTES;
    let written = 0;
    for (; written < bulkBytes; written += sent.length) side.write(sent);
    return written;
  }

  /** Both sides are told that it is over. */
  async closed(...sides: readonly Side[]): Promise<void> {
    await this.world.advanceUntil(() => sides.every((side) => side.isClosed));
  }

  /** An endpoint of the far side on which nobody listens. */
  async unusedEndpoint(): Promise<Endpoint> {
    const listener = await this.listen({ address: this.world.farAddress, port: 0 }, []);
    listener.close();
    await this.world.settle();
    return listener.local;
  }

  async finish(): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const side of this.#sides) side.connection.abort();
    await this.closed(...this.#sides);
    await this.world.settle();
    await this.world.close();
  }
}

/** Bytes that differ along the way, so that a swap or a gap shows. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + (i >>> 16) * 7 + seed) & 0xff);
}

export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length);
  assert.ok(Buffer.from(actual).equals(Buffer.from(expected)), 'the same bytes in the same order');
}
