/** Owns the log as lines, newest at the bottom. Pure. */
import type { LogLine } from '../data/event-log.ts';
import { DIM, type Line, PLAIN, span } from '../text/line.ts';
import { clockWords } from '../text/words.ts';

/** At most `rows` lines that end `back` lines before the newest. */
export function logRows(log: readonly LogLine[], back: number, rows: number): Line[] {
  const end = Math.max(0, log.length - back);
  return log
    .slice(Math.max(0, end - rows), end)
    .map(({ time, sentence, isTrouble }) => [
      span(`${clockWords(time)}  `, DIM),
      span(sentence, isTrouble ? { color: 'yellow' } : PLAIN),
    ]);
}
