/**
 * Owns lines of styled text: what every view makes and only the painter turns into escape sequences. Pure.
 *
 * Invariant: the text of a span prints, whoever named it: spans are made by {@link span} alone, which replaces what
 * would move the cursor. Widths are in columns of a terminal.
 */
import { fitText, printable, textWidth } from '../../cli/terminal-text.ts';

/** The colours that every terminal with colours has, so that a person's own theme decides how they look. */
export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

export interface Style {
  readonly color?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export const PLAIN: Style = {};
export const DIM: Style = { dim: true };
export const BOLD: Style = { bold: true };

/** Ask terminals for another picture of the character before; they disagree about its width, so it goes. */
const VARIATION_SELECTORS = /[\ufe00-\ufe0f]/g;

export function span(text: string, style: Style = PLAIN): Span {
  return { text: printable(text.replace(VARIATION_SELECTORS, '')), style };
}

export function lineWidth(line: Line): number {
  let width = 0;
  for (const { text } of line) width += textWidth(text);
  return width;
}

/** `text` in exactly `columns` columns, cut with an ellipsis or filled with blanks. */
export function cell(
  text: string,
  columns: number,
  style: Style = PLAIN,
  align: 'left' | 'right' = 'left',
): Span {
  const whole = span(text, style);
  const fitted = fitText(whole.text, columns);
  const blanks = ' '.repeat(Math.max(0, columns - textWidth(fitted)));
  return { text: align === 'left' ? fitted + blanks : blanks + fitted, style };
}

/** `line` in exactly `columns` columns. */
export function fitLine(line: Line, columns: number): Line {
  const fitted: Span[] = [];
  let room = columns;
  for (const part of line) {
    const width = textWidth(part.text);
    if (width > room) {
      fitted.push(cell(part.text, room, part.style));
      return fitted;
    }
    fitted.push(part);
    room -= width;
  }
  if (room > 0) fitted.push({ text: ' '.repeat(room), style: PLAIN });
  return fitted;
}

/** `left` and `right` at the two ends of `columns` columns; `left` gives way, with a blank between them. */
export function spread(left: Line, right: Line, columns: number): Line {
  const rightWidth = Math.min(lineWidth(right), columns);
  const room = Math.max(0, columns - rightWidth - 1);
  const gap = columns > rightWidth ? [span(' ')] : [];
  return [...fitLine(left, room), ...gap, ...fitLine(right, rightWidth)];
}

/** The same line in reverse and in one colour: the one that is chosen. */
export function highlight(line: Line): Line {
  return line.map(({ text }) => ({ text, style: { inverse: true } }));
}

/** The text alone, for tests and for outputs without styles. */
export function plainText(line: Line): string {
  return line.map((part) => part.text).join('');
}
