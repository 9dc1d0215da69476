/**
 * Owns the live line at the bottom of a terminal, and the lines above it that stay.
 *
 * The line is painted with a carriage return and spaces only, without escape sequences, so it looks the same
 * on every terminal and with NO_COLOR. Invariant: the cursor is behind the live line or at the start of an
 * empty one.
 */
import type { ClientEvent, ProgressEvent } from '../client/index.ts';
import type { Output } from './output.ts';
import { progressLine } from './progress-line.ts';
import { errorLine } from './sentences.ts';
import { textWidth } from './terminal-text.ts';
import type { TextStream } from './text-stream.ts';
import { TorrentLog } from './torrent-log.ts';
import type { TorrentNames } from './torrent-names.ts';

export class ProgressLineOutput implements Output {
  readonly #terminal: TextStream;
  readonly #names: TorrentNames;
  readonly #logs = new Map<string, TorrentLog>();
  readonly #progress = new Map<string, ProgressEvent>();
  /** Columns that the painted line takes; 0 when there is none. */
  #paintedColumns = 0;

  constructor(terminal: TextStream, names: TorrentNames) {
    this.#terminal = terminal;
    this.#names = names;
  }

  onEvent(event: ClientEvent): Promise<void> | undefined {
    if (event.event === 'progress') {
      this.#progress.set(event.infoHash, event);
      return this.#paint();
    }
    if (event.event === 'error' || event.event === 'state') {
      return this.#printAbove(errorLine(this.#names.prefix(event.infoHash, event.message)));
    }
    if (event.infoHash === null) return undefined;
    if (event.event === 'stopped') this.#onStopped(event);
    const log = this.#logs.get(event.infoHash) ?? new TorrentLog(false);
    this.#logs.set(event.infoHash, log);
    const sentence = log.onEvent(event);
    return sentence === null
      ? undefined
      : this.#printAbove(`${this.#names.prefix(event.infoHash, sentence)}\n`);
  }

  notice(sentence: string): void {
    void this.#printAbove(`${sentence}\n`);
  }

  failure(_code: string, sentence: string): void {
    void this.#printAbove(errorLine(sentence));
  }

  finish(): void {
    void this.#terminal.write(this.#eraser());
    this.#paintedColumns = 0;
  }

  /** One torrent alone leaves the line; among several it counts on with what it reached. */
  #onStopped(event: Extract<ClientEvent, { event: 'stopped' }>): void {
    const last = this.#progress.get(event.infoHash);
    if (last === undefined) return;
    if (this.#names.count === 1) this.#progress.delete(event.infoHash);
    else {
      const { verifiedBytes } = event;
      const still = { state: 'stopped', downloadRate: 0, connectedPeers: 0 } as const;
      this.#progress.set(event.infoHash, { ...last, ...still, verifiedBytes });
    }
  }

  #printAbove(text: string): Promise<void> | undefined {
    const erased = this.#eraser();
    this.#paintedColumns = 0;
    const wait = this.#terminal.write(erased + text);
    return this.#paint() ?? wait;
  }

  #paint(): Promise<void> | undefined {
    if (this.#progress.size === 0) return undefined;
    // One column is left free: a full line would make some terminals start the next.
    const columns = (this.#terminal.columns ?? 80) - 1;
    const line = progressLine([...this.#progress.values()], columns);
    const width = textWidth(line);
    const padding = ' '.repeat(Math.max(0, Math.min(this.#paintedColumns, columns) - width));
    this.#paintedColumns = width;
    return this.#terminal.write(`\r${line}${padding}`);
  }

  #eraser(): string {
    if (this.#paintedColumns === 0) return '';
    const columns = Math.min(this.#paintedColumns, (this.#terminal.columns ?? 80) - 1);
    return `\r${' '.repeat(columns)}\r`;
  }
}
