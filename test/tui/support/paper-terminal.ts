/**
 * Owns a terminal on paper for tests: it understands the few escape sequences that the screen uses, can be told to take
 * nothing for a while, and shows what a person would see.
 */
import type { Terminal } from '../../../src/tui/terminal/terminal-writer.ts';

export class PaperTerminal implements Terminal {
  /** Bytes that it takes before it is full; refilled by the test. */
  room = Number.POSITIVE_INFINITY;
  isGone = false;
  isAlternate = false;
  hasCursor = true;
  wraps = true;
  written = 0;
  isClosed = false;
  /** What was written on the first screen. */
  firstScreen = '';
  #text = Buffer.alloc(0);
  #rows = new Map<number, string>();
  #row = 1;

  /** As `fs.writeSync` on a non-blocking descriptor. */
  readonly writeSome = (bytes: Uint8Array): number => {
    if (this.isGone) throw Object.assign(new Error('write EIO'), { code: 'EIO' });
    const length = Math.min(bytes.length, this.room);
    if (length === 0) throw Object.assign(new Error('write EAGAIN'), { code: 'EAGAIN' });
    this.room -= length;
    this.written += length;
    this.#text = Buffer.concat([this.#text, bytes.subarray(0, length)]);
    this.#interpret();
    return length;
  };

  close(): void {
    this.isClosed = true;
  }

  /** The second screen, rows without styles. */
  rows(): string[] {
    const last = Math.max(0, ...this.#rows.keys());
    return Array.from({ length: last }, (_, i) => this.#rows.get(i + 1) ?? '');
  }

  screen(): string {
    return this.rows().join('\n');
  }

  #interpret(): void {
    const text = this.#text.toString();
    // A sequence or a character that is not whole yet waits.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it reads
    const cut = /\u001b(?:\[[?\d;]*)?$|\ufffd$/.exec(text)?.index ?? text.length;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it reads
    for (const match of text.slice(0, cut).matchAll(/\u001b\[(\??[\d;]*)([A-Za-z])|[^\u001b]+/g)) {
      if (match[2] === undefined) this.#print(match[0]);
      else this.#obey(match[1] ?? '', match[2]);
    }
    this.#text = Buffer.from(text.slice(cut));
  }

  #print(text: string): void {
    if (this.isAlternate) this.#rows.set(this.#row, (this.#rows.get(this.#row) ?? '') + text);
    else this.firstScreen += text;
  }

  #obey(parameters: string, letter: string): void {
    const isOn = letter === 'h';
    if (parameters === '?1049') {
      this.isAlternate = isOn;
      this.#rows.clear();
    } else if (parameters === '?25') this.hasCursor = isOn;
    else if (parameters === '?7') this.wraps = isOn;
    else if (letter === 'H') this.#row = Number(parameters.split(';')[0] || 1);
    else if (letter === 'K') this.#rows.set(this.#row, '');
    else if (letter === 'J') this.#rows.clear();
  }
}
