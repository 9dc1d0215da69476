/** Owns bars: how much of something is there, to an eighth of a column. Pure. */
import { DIM, type Line, type Style, span } from '../text/line.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `columns` columns, `share` (0 to 1) of it filled. It is full only when `share` is 1. */
export function bar(share: number, columns: number, style: Style): Line {
  const steps = Math.floor(Math.min(1, Math.max(0, share)) * columns * 8);
  const whole = Math.floor(steps / 8);
  const part = EIGHTHS[steps % 8]!;
  const rest = columns - whole - (part === '' ? 0 : 1);
  return [span('█'.repeat(whole) + part, style), span('░'.repeat(rest), DIM)];
}

/** The same as a thin line, to half a column, for bars in rows that touch. */
export function thinBar(share: number, columns: number, style: Style): Line {
  const halves = Math.floor(Math.min(1, Math.max(0, share)) * columns * 2);
  const whole = Math.floor(halves / 2);
  const part = halves % 2 === 0 ? '' : '╸';
  return [span('━'.repeat(whole) + part, style), span('─'.repeat(columns - whole - part.length), DIM)];
}
