/**
 * Owns the stream that Ink takes for its terminal. Ink writes whole frames to it (its debug mode, which adds no escape
 * sequences of its own), and the screen paints of them what changed.
 */
import { Writable } from 'node:stream';
import { SHEET_COLUMNS } from './sheet.ts';

export class FrameStream extends Writable {
  /** What is no terminal gets frames and nothing else: no cursor that comes and goes. */
  readonly isTTY = false;
  readonly columns = SHEET_COLUMNS;
  /** More than any screen: Ink only compares. */
  readonly rows = 10_000;
  readonly #onFrame: (frame: string) => void;

  constructor(onFrame: (frame: string) => void) {
    super({ decodeStrings: false });
    this.#onFrame = onFrame;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Ink writes an empty text when it wants to know that all is out.
    if (chunk.length > 0) this.#onFrame(chunk.toString());
    done();
  }
}
