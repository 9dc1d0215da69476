/**
 * Owns the display of hashing: a bar on a terminal, elsewhere a line now and then.
 *
 * Painted with a carriage return and spaces only, without escape sequences, so it looks the same on every terminal.
 */
import type { HashProgress } from '../client/index.ts';
import { formatBytes, formatEta, formatRate, formatShare } from './format.ts';
import { fitText } from './terminal-text.ts';
import type { TextStream } from './text-stream.ts';

/** Faster than this nobody reads. */
const PAINT_MS = 100;
/** Between lines where there is no terminal. */
const LINE_MS = 10_000;
/** Before this a rate is a guess from nothing. */
const MIN_RATE_MS = 300;
const BAR_COLUMNS = 30;
/** A narrower terminal has no room for a bar. */
const MIN_COLUMNS_FOR_BAR = 80;

export class WorkLine {
  readonly #stream: TextStream;
  readonly #now: () => number;
  #startedAt: number | null = null;
  #paintedAt = 0;
  /** Columns that are painted. */
  #painted = 0;

  /** `now` is monotonic milliseconds. */
  constructor(stream: TextStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
  }

  update(progress: HashProgress): void {
    const now = this.#now();
    const { columns } = this.#stream;
    if (this.#startedAt === null) {
      this.#startedAt = now;
      this.#paintedAt = columns === null ? now : Number.NEGATIVE_INFINITY;
    }
    if (now - this.#paintedAt < (columns === null ? LINE_MS : PAINT_MS)) return;
    this.#paintedAt = now;
    // One column is left free: a full line would make some terminals start the next.
    const text = workText(progress, now - this.#startedAt, columns === null ? null : columns - 1);
    if (columns === null) void this.#stream.write(`${text}\n`);
    else {
      void this.#stream.write(
        `\r${text}${' '.repeat(Math.max(0, Math.min(this.#painted, columns - 1) - text.length))}`,
      );
      this.#painted = text.length;
    }
  }

  /** Erases the bar. */
  clear(): void {
    if (this.#painted === 0) return;
    const columns = Math.min(this.#painted, (this.#stream.columns ?? 80) - 1);
    void this.#stream.write(`\r${' '.repeat(columns)}\r`);
    this.#painted = 0;
  }
}

/** `[####----] 45.2% of 2.10 GB, 1.20 GB/s, 2 s left`; without a bar where `columns` is null or small. */
export function workText(progress: HashProgress, elapsedMs: number, columns: number | null): string {
  const { hashedBytes, totalBytes } = progress;
  const parts = [`${formatShare(hashedBytes, totalBytes)} of ${formatBytes(totalBytes)} hashed`];
  if (elapsedMs >= MIN_RATE_MS && hashedBytes > 0) {
    const rate = (hashedBytes / elapsedMs) * 1000;
    parts.push(formatRate(rate), formatEta(Math.max(0, totalBytes - hashedBytes) / rate));
  }
  const text = parts.join(', ');
  if (columns === null) return text;
  return fitText(
    columns < MIN_COLUMNS_FOR_BAR - 1 ? text : `${bar(hashedBytes, totalBytes)} ${text}`,
    columns,
  );
}

function bar(part: number, whole: number): string {
  const filled = whole > 0 ? Math.min(BAR_COLUMNS, Math.floor((part / whole) * BAR_COLUMNS)) : BAR_COLUMNS;
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_COLUMNS - filled)}]`;
}
