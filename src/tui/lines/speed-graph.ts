/**
 * Owns the picture of the last minutes' rates: a column of the screen for a second or a few, the newest at the right, the
 * scale at the left. Pure.
 */
import { formatRate } from '../../cli/format.ts';
import { cell, DIM, type Line, type Style, span } from '../text/line.ts';

const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** `1.50 MB/s` and a blank. */
const SCALE_COLUMNS = 10;
/** Narrower graphs have more room for the picture without a scale. */
const MIN_COLUMNS_WITH_SCALE = 24;
/** Seconds that a bar may stand for; the first that shows all there is. */
const BAR_SECONDS = [1, 2, 5, 10, 20] as const;

/** Bars of the picture, and the seconds that each stands for, when there are `history` seconds to show. */
export function graphSpan(
  columns: number,
  history: number,
): { readonly bars: number; readonly seconds: number } {
  const bars = columns >= MIN_COLUMNS_WITH_SCALE ? columns - SCALE_COLUMNS : columns;
  const seconds = BAR_SECONDS.find((each) => each * bars >= history) ?? BAR_SECONDS.at(-1)!;
  return { bars, seconds };
}

/** The rate of each bar, oldest first: the mean of its seconds. `rates` is one a second, oldest first. */
export function barRates(rates: readonly number[], bars: number, seconds: number): number[] {
  const means: number[] = [];
  for (let end = rates.length; end > 0 && means.length < bars; end -= seconds) {
    const part = rates.slice(Math.max(0, end - seconds), end);
    means.push(part.reduce((sum, rate) => sum + rate, 0) / part.length);
  }
  return means.reverse();
}

/** The least of 1, 2, 5, 10, 20, 50, … that is not under `rate`, so that the scale seldom changes. */
export function niceCeiling(rate: number): number {
  if (rate <= 1000) return 1000;
  const power = 10 ** Math.floor(Math.log10(rate));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rate) ?? 10;
  return step * power;
}

/** `rows` lines of `columns` columns. */
export function speedGraph(rates: readonly number[], columns: number, rows: number, style: Style): Line[] {
  const { bars, seconds } = graphSpan(columns, rates.length);
  const shown = barRates(rates, bars, seconds);
  const top = niceCeiling(Math.max(0, ...shown));
  const hasScale = columns >= MIN_COLUMNS_WITH_SCALE;
  return Array.from({ length: rows }, (_, row) => {
    const picture = pictureRow(shown, top, rows, row).padStart(bars);
    const graph = span(picture, style);
    if (!hasScale) return [graph];
    const label = row === 0 ? formatRate(top) : row === rows - 1 ? '0 B/s' : '';
    return [cell(label, SCALE_COLUMNS - 1, DIM, 'right'), span(' '), graph];
  });
}

/** One row of the picture, counted from the top. */
function pictureRow(shown: readonly number[], top: number, rows: number, row: number): string {
  const floor = (rows - 1 - row) * 8;
  let text = '';
  for (const rate of shown) {
    // A rate that is not nothing is seen, however small.
    const height = rate <= 0 ? 0 : Math.max(1, Math.round((rate / top) * rows * 8));
    text += LEVELS[Math.min(8, Math.max(0, height - floor))]!;
  }
  return text;
}
