/**
 * Owns one end of a simulated connection: its life from dialling to the one `onClosed`, and the bytes that were received
 * and not yet read. The bytes on their way belong to the two streams.
 *
 * Invariants (the contract of `ports/transport.ts`): the handler is called from events only, never from inside a call
 * of its owner; exactly one `onClosed`, and nothing after it. Received bytes are lent in an array that is overwritten
 * after the call, so that a handler that keeps it is found out. A reader that pauses may get one more call, as a
 * system may have read ahead.
 */
import type { Endpoint } from '../base/endpoint.ts';
import { Timer, type TimerOwner } from '../base/timer-queue.ts';
import type { FailureCode } from '../ports/failure.ts';
import type { Connection, ConnectionHandler } from '../ports/transport.ts';
import { CHUNK_DATA, CHUNK_FINISH, CHUNK_RESET, type Chunk, type ChunkReceiver } from './chunk.ts';
import type { Network } from './network.ts';
import type { SimHost } from './sim-host.ts';
import { Stream, type StreamWriter } from './stream.ts';

/** How long an end that said goodbye waits for the goodbye of the other. */
const LINGER_MS = 10_000;
/** How long a system sends again what nobody acknowledges (the usual 15 retransmissions of TCP). */
const GIVE_UP_MS = 924_600;
/** What a reader finds in a lent array after the call. */
const POISON = 0xdb;

const STATE_CONNECTING = 0;
const STATE_OPEN = 1;
/** `end` was called. */
const STATE_ENDING = 2;
const STATE_CLOSED = 3;

const TIMER_CONNECTED = 0;
const TIMER_CLOSED = 1;
const TIMER_DRAINED = 2;
const TIMER_READ = 3;
const TIMER_DEADLINE = 4;
const TIMER_BLOCKS = 5;

export class SimConnection implements Connection, ChunkReceiver, StreamWriter, TimerOwner {
  readonly remote: Endpoint;
  readonly host: SimHost;
  readonly number: number;
  readonly #network: Network;
  readonly #out: Stream;
  readonly #connected = new Timer(this, TIMER_CONNECTED);
  readonly #closed = new Timer(this, TIMER_CLOSED);
  readonly #drained = new Timer(this, TIMER_DRAINED);
  readonly #read = new Timer(this, TIMER_READ);
  readonly #deadline = new Timer(this, TIMER_DEADLINE);
  readonly #blocksWritten = new Timer(this, TIMER_BLOCKS);
  /** Borrowed blocks that were taken and not yet given back. */
  #borrowedBlocks = 0;
  /** The other end's stream to us; null until connected. */
  #in: Stream | null = null;
  #peer: SimConnection | null = null;
  /** We know that the other end accepted. */
  #isConnected = false;
  #handler: ConnectionHandler | null;
  #state = STATE_CONNECTING;
  #failureCode: FailureCode = 'aborted';
  #unread: Chunk[] = [];
  #isReading = true;
  /** Calls that may still come although the reader paused. */
  #extraCalls = 0;
  #finishReceived = false;

  constructor(network: Network, host: SimHost, remote: Endpoint, handler: ConnectionHandler | null) {
    this.#network = network;
    this.host = host;
    this.remote = remote;
    this.#handler = handler;
    this.number = network.nextConnectionNumber();
    this.#out = new Stream(network, host, this);
    host.connections.add(this);
  }

  get unsentBytes(): number {
    return this.#out.unsentBytes;
  }

  get isClosed(): boolean {
    return this.#state === STATE_CLOSED;
  }

  write(bytes: Uint8Array): void {
    if (this.#state > STATE_OPEN) return;
    this.#out.write(bytes);
  }

  writeBlock(head: Uint8Array, block: Uint8Array): void {
    if (this.#state > STATE_OPEN) return;
    this.#out.write(head);
    this.#out.write(block);
    this.#borrowedBlocks++;
    this.#network.scheduler.schedule(this.#blocksWritten, this.#network.scheduler.now);
  }

  setReading(reading: boolean): void {
    if (reading === this.#isReading) return;
    this.#isReading = reading;
    if (reading) this.#network.scheduler.schedule(this.#read, this.#network.scheduler.now);
    else {
      this.#extraCalls = this.#network.random.below(2);
      this.#network.scheduler.cancel(this.#read);
    }
  }

  end(): void {
    if (this.#state > STATE_OPEN) return;
    this.#state = STATE_ENDING;
    this.#out.finish();
  }

  abort(): void {
    if (this.#state === STATE_CLOSED) return;
    if (this.#isConnected && this.#unread.length === 0) this.#out.abandon();
    else this.#reset();
    this.#close('aborted');
  }

  /** For the transport: gives up with code `timeout` after `timeoutMs`, unless connected by then. */
  limitDialling(timeoutMs: number): void {
    this.#network.scheduler.schedule(this.#deadline, this.#network.scheduler.now + timeoutMs);
  }

  /** For the transport: the other end accepted, and we hear of it at `at`. */
  connectAt(at: number, peer: SimConnection): void {
    this.#in = peer.#out;
    this.#peer = peer;
    peer.#in = this.#out;
    peer.#peer = this;
    peer.#state = STATE_OPEN;
    peer.#isConnected = true;
    peer.#out.open(this.host, this, at);
    this.#network.scheduler.schedule(this.#connected, at);
  }

  /** For the transport: what an accepted connection's owner returned; null refuses. */
  accept(handler: ConnectionHandler | null): void {
    this.#handler = handler;
    if (handler === null) this.abort();
  }

  /** The system says that this connection is over. */
  fail(code: FailureCode): void {
    if (this.#state !== STATE_CLOSED) this.#close(code);
  }

  /** The program died and its machine with it: nobody hears anything. */
  forget(): void {
    this.#handler = null;
    this.#out.cut();
    this.#close('aborted');
    this.#network.scheduler.cancel(this.#closed);
  }

  /** The program died: the system resets the connection. */
  forgetAndReset(): void {
    this.forget();
    this.#reset();
  }

  onTimer(kind: number): void {
    if (kind === TIMER_CONNECTED) this.#onConnected();
    else if (kind === TIMER_DRAINED) this.#onDrained();
    else if (kind === TIMER_READ) this.#readOn();
    else if (kind === TIMER_DEADLINE) this.#onDeadline();
    else if (kind === TIMER_BLOCKS) this.#giveBlocksBack();
    else this.#reportClosed();
  }

  onAccepted(): void {
    if (this.#state === STATE_CLOSED) return;
    this.#network.scheduler.schedule(this.#drained, this.#network.scheduler.now);
  }

  onFinishSent(): void {
    if (this.#state !== STATE_ENDING) return;
    if (this.#finishReceived) this.#close('aborted');
    else this.#network.scheduler.schedule(this.#deadline, this.#network.scheduler.now + LINGER_MS);
  }

  onLost(): void {
    if (this.#state === STATE_CLOSED || this.#deadline.isScheduled) return;
    this.#network.scheduler.schedule(this.#deadline, this.#network.scheduler.now + GIVE_UP_MS);
  }

  onChunkReceived(chunk: Chunk): void {
    if (this.#state === STATE_CLOSED) {
      if (chunk.kind === CHUNK_DATA) this.#reset();
    } else if (chunk.kind === CHUNK_RESET) this.#close('reset');
    else if (chunk.kind === CHUNK_FINISH) {
      this.#finishReceived = true;
      this.#finishIfRead();
    } else if (this.#unread.length === 0 && (this.#isReading || this.#extraCalls-- > 0)) this.#deliver(chunk);
    else this.#unread.push(chunk);
  }

  #onConnected(): void {
    this.#network.scheduler.cancel(this.#deadline);
    const { scheduler, trace } = this.#network;
    trace.note(scheduler.now, 'connected', `${this.host.name} ${this.number} ${this.#peer!.host.name}`);
    if (this.#state === STATE_CONNECTING) this.#state = STATE_OPEN;
    this.#isConnected = true;
    this.#out.open(this.#peer!.host, this.#peer!, scheduler.now);
    this.#handler!.onConnected();
  }

  #giveBlocksBack(): void {
    const count = this.#borrowedBlocks;
    this.#borrowedBlocks = 0;
    if (this.#state <= STATE_OPEN && count > 0) this.#handler!.onBlocksWritten(count);
  }

  #onDrained(): void {
    // More may have been written since.
    if (this.#out.unsentBytes === 0) this.#handler!.onDrained();
  }

  #readOn(): void {
    while (this.#unread.length > 0 && this.#isReading && this.#state !== STATE_CLOSED) {
      this.#deliver(this.#unread.shift()!);
    }
    this.#finishIfRead();
  }

  #deliver(chunk: Chunk): void {
    const { scheduler, trace, random, receiveBuffer } = this.#network;
    const start = random.below(64);
    const end = start + chunk.bytes.length;
    receiveBuffer.set(chunk.bytes, start);
    trace.record(scheduler.now, 'data', this.number, chunk.bytes.length);
    trace.bytes(chunk.bytes, 0, chunk.bytes.length);
    this.#in!.onRead(chunk.bytes.length);
    this.#handler?.onData(receiveBuffer, start, end);
    receiveBuffer.fill(POISON, start, end);
  }

  /** The other side's goodbye counts when everything before it was read. */
  #finishIfRead(): void {
    if (!this.#finishReceived || this.#unread.length > 0 || !this.#isReading) return;
    if (this.#state === STATE_OPEN) this.#out.abandon();
    if (this.#state === STATE_OPEN) this.#close('closed');
    else if (this.#state === STATE_ENDING && this.#out.isOver) this.#close('aborted');
  }

  #onDeadline(): void {
    // Who said goodbye and waited long enough leaves the rest to the system; who dialled or lost the other takes leave.
    if (!this.#out.isOver) this.#reset();
    this.#close(this.#state === STATE_ENDING ? 'aborted' : 'timeout');
  }

  /** Tells the other end that this one is gone, also one that has accepted while we were still dialling. */
  #reset(): void {
    this.#out.reset();
    if (this.#peer !== null) this.#out.open(this.#peer.host, this.#peer, this.#network.scheduler.now);
  }

  #close(code: FailureCode): void {
    const { scheduler } = this.#network;
    if (this.#state === STATE_CLOSED) return;
    this.#state = STATE_CLOSED;
    this.#failureCode = code;
    this.#unread = [];
    this.host.connections.delete(this);
    for (const timer of [this.#connected, this.#drained, this.#read, this.#deadline]) scheduler.cancel(timer);
    scheduler.schedule(this.#closed, scheduler.now);
  }

  #reportClosed(): void {
    const handler = this.#handler;
    this.#handler = null;
    this.#network.trace.note(
      this.#network.scheduler.now,
      'closed',
      `${this.host.name} ${this.number} ${this.#failureCode}`,
    );
    handler?.onClosed({
      code: this.#failureCode,
      operation: this.#in === null ? 'connect' : 'communicate',
      detail: `${this.remote.address} port ${this.remote.port}`,
    });
  }
}
