/**
 * The seam to byte streams between peers: TCP now, µTP and simulated links behind the same interface.
 *
 * Contract:
 * 1. `dial` returns at once. Exactly one `onClosed` ends every connection, dialled or accepted, whatever happened;
 *    a dialled one has at most one `onConnected` before it. Nothing is called after `onClosed`, and nothing is
 *    called from inside `dial`, `write`, `end` or `abort`.
 * 2. `onData(bytes, start, end)` lends a shared receive buffer for the length of the call; the handler copies what it
 *    keeps. Bytes come in order, each once.
 * 3. `write` takes the bytes at once: the caller may reuse the array when it returns. Writes of one turn may be joined.
 *    `writeBlock` takes `head` at once and borrows `block`: its memory must not change until the block has come back.
 *    Blocks come back in order, by number, through `onBlocksWritten`; those not yet counted come back with `onClosed`.
 * 4. `unsentBytes` counts what was written and not yet accepted by the system; `onDrained` follows when it falls
 *    to zero after having been above zero.
 * 5. After `setReading(false)` no `onData` comes until `setReading(true)`, except for data already read from the
 *    system: at most one more call.
 * 6. `end` sends what was written, then closes; `abort` closes now. Both lead to `onClosed` with code `aborted`
 *    unless another reason was first.
 * 7. An accepted connection is given to `onAccepted`, which returns its handler, or null to refuse it.
 */
import type { Endpoint } from '../base/endpoint.ts';
import type { Failure } from './failure.ts';

export interface ConnectionHandler {
  onConnected(): void;
  onData(bytes: Uint8Array, start: number, end: number): void;
  onDrained(): void;
  /** The next `count` blocks of `writeBlock`, oldest first, are with the system. */
  onBlocksWritten(count: number): void;
  /** The end; `failure.code` is `closed` when the other side closed in good order. */
  onClosed(failure: Failure): void;
}

export interface Connection {
  readonly remote: Endpoint;
  /** Bytes written and not yet accepted by the system. */
  readonly unsentBytes: number;
  write(bytes: Uint8Array): void;
  /** Writes `head`, then `block`, which stays the connection's until it came back. */
  writeBlock(head: Uint8Array, block: Uint8Array): void;
  setReading(reading: boolean): void;
  end(): void;
  abort(): void;
}

export interface ListenHandler {
  /** A peer connected. Returns the connection's handler, or null to refuse. */
  onAccepted(connection: Connection): ConnectionHandler | null;
}

export interface Listener {
  readonly local: Endpoint;
  /** Stops accepting; accepted connections live on. */
  close(): void;
}

/** How a listening attempt ended. */
export interface ListenResult {
  onListening(listener: Listener): void;
  onListenFailed(failure: Failure): void;
}

export interface DialOptions {
  /** Give up after this many milliseconds with code `timeout`. */
  readonly timeoutMs: number;
  /** Local address to dial from, or null for the system's choice. */
  readonly localAddress: string | null;
}

export interface Transport {
  dial(remote: Endpoint, options: DialOptions, handler: ConnectionHandler): Connection;
  /** Listens on `local`; port 0 asks for a free one. `::` accepts IPv4 too where the system can. */
  listen(local: Endpoint, handler: ListenHandler, result: ListenResult): void;
}
