/**
 * Owns writing to a terminal without ever waiting for it. A terminal that is not read (a frozen window, a stalled ssh)
 * makes a blocking write wait for as long as that lasts, and with it the whole thread: so the terminal is opened anew in
 * non-blocking mode, which concerns nobody else who has it open, and what it does not take waits here.
 *
 * Invariant: bytes go out in order and none is left out; what waits is bounded by its users, who add no frame while
 * something waits.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** Until the next attempt when the terminal is full; doubles up to the maximum. */
const FIRST_RETRY_MS = 4;
const MAX_RETRY_MS = 256;
/** A pause in a last, waiting write. */
const LAST_WRITE_PAUSE_MS = 10;

/** The same terminal as stdout, by other names. The first works on Linux; the second is the terminal of the session. */
const TERMINAL_PATHS = ['/proc/self/fd/1', '/dev/tty'] as const;

/** Writes some of `bytes` at once; how many went out. Throws what `fs.writeSync` throws. */
export type WriteSome = (bytes: Uint8Array) => number;

/** A terminal that is open for writing. */
export interface Terminal {
  readonly writeSome: WriteSome;
  close(): void;
}

export class TerminalWriter {
  readonly #writeSome: WriteSome;
  readonly #onDrained: () => void;
  #waiting: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  /** The terminal is gone: what is written is thrown away. */
  #isGone = false;

  /** `onDrained` is called when everything that waited went out. */
  constructor(writeSome: WriteSome, onDrained: () => void) {
    this.#writeSome = writeSome;
    this.#onDrained = onDrained;
  }

  /** True while the terminal has not taken everything. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  write(text: string): void {
    if (this.#isGone) return;
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(text)]);
    if (this.#timer === null) this.#push();
  }

  /** Writes what waits and `text`, and does wait for the terminal, but for `timeoutMs` at most. */
  writeLast(text: string, timeoutMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(text)]);
    for (let waited = 0; !this.#tryWrite() && waited < timeoutMs; waited += LAST_WRITE_PAUSE_MS) {
      pause(LAST_WRITE_PAUSE_MS);
    }
    this.#waiting = Buffer.alloc(0);
  }

  #push(): void {
    this.#timer = null;
    if (this.#tryWrite()) {
      this.#retryMs = FIRST_RETRY_MS;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#push();
      if (!this.isBehind) this.#onDrained();
    }, this.#retryMs);
    // What the terminal does not take is no reason to live on.
    this.#timer.unref();
    this.#retryMs = Math.min(MAX_RETRY_MS, 2 * this.#retryMs);
  }

  /** True when nothing waits any more. */
  #tryWrite(): boolean {
    try {
      while (this.#waiting.length > 0) {
        const length = this.#writeSome(this.#waiting);
        if (length > 0) this.#retryMs = FIRST_RETRY_MS;
        this.#waiting = this.#waiting.subarray(length);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return false;
      // EIO: the terminal hung up, for which SIGHUP comes as well. Nothing can be shown, and nothing else is wrong.
      this.#isGone = true;
      this.#waiting = Buffer.alloc(0);
    }
    return true;
  }
}

/** A way to write to the terminal of stdout that never blocks; where it cannot be opened anew, one that may. */
export function openTerminal(): Terminal {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  for (const path of TERMINAL_PATHS) {
    try {
      const descriptor = openSync(path, flags);
      return {
        writeSome: (bytes) => writeSync(descriptor, bytes),
        close: () => closeSync(descriptor),
      };
    } catch {
      // The next path, or the descriptor that there is.
    }
  }
  return { writeSome: (bytes) => writeSync(1, bytes), close: () => undefined };
}

/** Holds the thread for `ms`: only for the very end, when no loop runs any more. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
