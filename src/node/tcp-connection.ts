/**
 * Owns one TCP connection, dialled or accepted, and keeps the promises of the `Transport` contract for it.
 *
 * Invariants: `onClosed` is called exactly once, from the socket's events, never from inside a call of ours; after `end`
 * or `abort` it is the only call left. The first reason for the end is the one reported. Writes are copied and joined
 * until the running callback is over. Dialled sockets read into the transport's one buffer; for accepted ones Node has
 * no public way to that, so they take a fresh chunk for each read.
 */
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { Failure, FailureCode } from '../ports/failure.ts';
import type { Time } from '../ports/time.ts';
import type { Connection, ConnectionHandler, DialOptions } from '../ports/transport.ts';
import { tcpFailure } from './tcp-errors.ts';

/** How long `end` tries to bring what was written to a peer that does not read. */
const END_TIMEOUT_MS = 10_000;
/**
 * How long a socket is drained after its `end`. To close with unread bytes makes the system reset the connection, and a
 * reset throws away what the peer has not read yet.
 */
const LINGER_MS = 2_000;

/** What a connection needs of its transport. */
export interface TcpHost {
  readonly time: Time;
  /** Shared by all dialled connections: a read is handled before the next one starts. */
  readonly receiveBuffer: Uint8Array;
  /** Calls `connection.flush()` when the running callback is over. */
  scheduleFlush(connection: TcpConnection): void;
}

export class TcpConnection implements Connection {
  readonly remote: Endpoint;
  readonly #host: TcpHost;
  #socket: Socket | null = null;
  #handler: ConnectionHandler | null = null;
  /** Only `onClosed` may still be called. */
  #isMuted = false;
  #isClosed = false;
  #isEnding = false;
  #isReading = true;
  #reason: Failure | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Borrowed blocks among the pending. */
  #pendingBlocks = 0;
  /** Borrowed blocks of each flush that the system has not taken yet, oldest first. */
  readonly #flushedBlocks: number[] = [];

  constructor(remote: Endpoint, host: TcpHost) {
    this.remote = remote;
    this.#host = host;
  }

  /** Dials `remote`. */
  dial(options: DialOptions, handler: ConnectionHandler): void {
    const { localAddress } = options;
    const socket = connect({
      host: this.remote.address,
      port: this.remote.port,
      ...(localAddress === null ? {} : { localAddress }),
      noDelay: true,
      onread: { buffer: this.#host.receiveBuffer, callback: this.#onRead },
    });
    this.#handler = handler;
    this.#bind(socket);
    socket.once('connect', this.#onConnect);
    this.#startTimer(this.#onDialTimeout, options.timeoutMs);
  }

  /** Serves an accepted `socket`; `choose` gives the handler, or null to refuse. */
  accept(socket: Socket, choose: (connection: Connection) => ConnectionHandler | null): void {
    this.#bind(socket);
    this.#handler = choose(this);
    if (this.#handler === null) {
      this.abort();
      return;
    }
    socket.on('data', this.#onChunk);
    // A handler may have asked for this before there was a listener that would have started the flow.
    if (!this.#isReading) socket.pause();
  }

  get unsentBytes(): number {
    if (this.#socket === null || this.#isClosed) return 0;
    return this.#pendingBytes + this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.#isMuted || bytes.length === 0) return;
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    this.#push(copy);
  }

  writeBlock(head: Uint8Array, block: Uint8Array): void {
    if (this.#isMuted) return;
    this.write(head);
    this.#push(block);
    this.#pendingBlocks++;
  }

  setReading(reading: boolean): void {
    if (this.#isMuted || this.#socket === null || reading === this.#isReading) return;
    this.#isReading = reading;
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  end(): void {
    if (this.#isMuted || this.#socket === null) return;
    this.flush();
    this.#isMuted = true;
    this.#isEnding = true;
    this.#reason ??= this.#failure('aborted', 'end');
    this.#socket.once('finish', this.#onFinish);
    this.#socket.end();
    // What still comes is read and thrown away, also where the handler had stopped reading.
    this.#socket.resume();
    if (!this.#socket.connecting) this.#startTimer(this.#onEndTimeout, END_TIMEOUT_MS);
  }

  abort(): void {
    this.#isMuted = true;
    this.#isEnding = false;
    this.#reason ??= this.#failure('aborted', 'abort');
    this.#drop();
    this.#socket?.destroy();
  }

  /** Hands what was written since the last flush to the socket, in one system call where it can. */
  flush(): void {
    const socket = this.#socket;
    const pending = this.#pending;
    if (socket === null || this.#pendingBytes === 0) return;
    this.#flushedBlocks.push(this.#pendingBlocks);
    this.#drop();
    if (pending.length === 1) {
      socket.write(pending[0]!, this.#onWritten);
      return;
    }
    socket.cork();
    const last = pending.length - 1;
    for (let i = 0; i < last; i++) socket.write(pending[i]!);
    socket.write(pending[last]!, this.#onWritten);
    socket.uncork();
  }

  #push(bytes: Uint8Array): void {
    if (this.#pendingBytes === 0) this.#host.scheduleFlush(this);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #bind(socket: Socket): void {
    assert(this.#socket === null, 'a connection has one socket');
    this.#socket = socket;
    socket.on('error', this.#onError);
    socket.once('end', this.#onEnd);
    socket.once('close', this.#onSocketClosed);
  }

  readonly #onConnect = (): void => {
    this.#stopTimer();
    if (this.#isEnding) this.#startTimer(this.#onEndTimeout, END_TIMEOUT_MS);
    if (this.#isMuted) return;
    this.#host.time.requestTurn();
    this.#handler!.onConnected();
  };

  readonly #onRead = (length: number): boolean => {
    if (this.#isMuted) return true;
    this.#host.time.requestTurn();
    this.#handler!.onData(this.#host.receiveBuffer, 0, length);
    return true;
  };

  readonly #onChunk = (chunk: Buffer): void => {
    if (this.#isMuted) return;
    this.#host.time.requestTurn();
    this.#handler!.onData(chunk, 0, chunk.length);
  };

  readonly #onWritten = (): void => {
    const blocks = this.#flushedBlocks.shift()!;
    if (this.#isMuted || this.#isClosed || this.#socket!.destroyed) return;
    if (blocks > 0) {
      this.#host.time.requestTurn();
      this.#handler!.onBlocksWritten(blocks);
    }
    if (this.unsentBytes === 0 && !this.#isMuted) this.#handler!.onDrained();
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#reason ??= tcpFailure(error, 'connect', formatEndpoint(this.remote));
  };

  /** The other side sent its end, and all its data was delivered. */
  readonly #onEnd = (): void => {
    // While ending, the other side may have ended too and still wait for what we wrote.
    if (this.#isEnding) return;
    this.#reason ??= this.#failure('closed', 'read');
    this.#isMuted = true;
    this.#drop();
    this.#socket!.destroy();
  };

  /** After `end`: the system has all that was written. The handler is done; the socket is drained for a while. */
  readonly #onFinish = (): void => {
    this.#report();
    if (this.#socket!.destroyed) return;
    this.#startTimer(this.#onEndTimeout, LINGER_MS);
    this.#timer!.unref();
    this.#socket!.unref();
  };

  readonly #onDialTimeout = (): void => {
    this.#reason ??= this.#failure('timeout', 'connect');
    this.#isMuted = true;
    this.#socket!.destroy();
  };

  readonly #onEndTimeout = (): void => {
    this.#socket!.destroy();
  };

  readonly #onSocketClosed = (): void => {
    this.#stopTimer();
    this.#report();
  };

  #report(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isMuted = true;
    this.#drop();
    const handler = this.#handler;
    this.#handler = null;
    if (handler === null) return;
    this.#host.time.requestTurn();
    handler.onClosed(this.#reason ?? this.#failure('closed', 'read'));
  }

  #drop(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#pendingBlocks = 0;
  }

  #failure(code: FailureCode, operation: string): Failure {
    return { code, operation, detail: formatEndpoint(this.remote) };
  }

  // A timer for each dial is cheap: Node keeps timers of equal length in one list under one timer of the system.
  #startTimer(onTimeout: () => void, delayMs: number): void {
    this.#stopTimer();
    this.#timer = setTimeout(onTimeout, delayMs);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
