/**
 * Owns one output of the program (stdout or stderr): writing at the reader's pace, and what it means when the
 * reader goes away. After that, what is written is thrown away.
 */
import type { Writable } from 'node:stream';

export class TextStream {
  readonly #stream: Writable;
  #isGone = false;
  #onGone: ((error: NodeJS.ErrnoException) => void) | null = null;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#isGone) return;
      this.#isGone = true;
      this.#onGone?.(error);
    });
  }

  /**
   * `listener` is called once at most, with EPIPE when the reader closed, or with what the system says else.
   */
  onGone(listener: (error: NodeJS.ErrnoException) => void): void {
    this.#onGone = listener;
  }

  /** Columns of the terminal, or null when this is none. */
  get columns(): number | null {
    const { isTTY, columns } = this.#stream as { isTTY?: boolean; columns?: number };
    return isTTY === true ? columns || 80 : null;
  }

  /** Writes `text`; a promise when the reader is behind, which resolves when it has caught up or is gone. */
  write(text: string | Uint8Array): Promise<void> | undefined {
    if (this.#isGone || this.#stream.write(text)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done);
        this.#stream.off('close', done);
        this.#stream.off('error', done);
        resolve();
      };
      this.#stream.on('drain', done);
      this.#stream.on('close', done);
      this.#stream.on('error', done);
    });
  }

  /** Resolves when all that was written is out, or the reader is gone. */
  flush(): Promise<void> {
    if (this.#isGone || this.#stream.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.on('error', () => resolve());
      this.#stream.write('', () => resolve());
    });
  }
}
