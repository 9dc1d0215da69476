/**
 * Owns the terminal's second screen: entering and leaving it, and painting frames on it, only the rows that changed.
 *
 * Invariants: rows are addressed, so nothing scrolls and no row depends on the one before; automatic line breaks are off, so
 * that a row whose width a terminal counts otherwise stays one row; after `leave` the terminal is as it was.
 */
import type { TerminalWriter } from './terminal-writer.ts';

const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know it show a frame only when it is whole; the others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';
/** Time for a terminal that is not read to take the last words. */
const LEAVE_TIMEOUT_MS = 500;

export class Screen {
  readonly #writer: TerminalWriter;
  #shown: readonly string[] = [];
  #isEntered = false;

  constructor(writer: TerminalWriter) {
    this.#writer = writer;
  }

  get isEntered(): boolean {
    return this.#isEntered;
  }

  /** The terminal has not yet taken the last frame: another would only wait. */
  get isBehind(): boolean {
    return this.#writer.isBehind;
  }

  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.#shown = [];
    this.#writer.write(ENTER);
  }

  /** Paints `frame`, whose lines carry their own styles, on the first rows. Does nothing when left or behind. */
  draw(frame: string): void {
    if (!this.#isEntered || this.isBehind) return;
    const lines = frame.split('\n');
    let text = '';
    for (let row = 0; row < Math.max(lines.length, this.#shown.length); row++) {
      const line = lines[row] ?? '';
      // Cleared before and not after: behind the last column, clearing would take that column with it.
      if (line !== this.#shown[row]) text += `\u001b[${row + 1};1H\u001b[0m\u001b[K${line}`;
    }
    this.#shown = lines;
    if (text !== '') this.#writer.write(`${BEGIN_FRAME}${text}${END_FRAME}`);
  }

  /** Forgets what is shown, so that the next frame is painted whole: somebody else wrote here, or the size changed. */
  invalidate(): void {
    this.#shown = [];
    if (this.#isEntered && !this.isBehind) this.#writer.write('\u001b[0m\u001b[2J');
  }

  /** Gives the terminal back, then writes `text` on the first screen. Waits for the terminal, but not for long. */
  leave(text = ''): void {
    if (this.#isEntered) this.#writer.writeLast(LEAVE + text, LEAVE_TIMEOUT_MS);
    else if (text !== '') this.#writer.writeLast(text, LEAVE_TIMEOUT_MS);
    this.#isEntered = false;
  }
}
