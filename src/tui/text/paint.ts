/**
 * Owns the turning of styled lines into text with escape sequences (SGR) of the 16-colour terminals. Pure.
 */
import type { Color, Line, Style } from './line.ts';

const COLOR_CODES: Readonly<Record<Color, string>> = {
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
};

/** A text for each of `lines`. Without colours the weights (bold, dim, inverse) stay: `NO_COLOR` is about colour alone. */
export function paint(lines: readonly Line[], hasColors: boolean): string[] {
  return lines.map((line) => paintLine(line, hasColors));
}

function paintLine(line: Line, hasColors: boolean): string {
  let text = '';
  for (const part of line) {
    const codes = codesOf(part.style, hasColors);
    text += codes === '' ? part.text : `\u001b[${codes}m${part.text}\u001b[0m`;
  }
  return text;
}

function codesOf(style: Style, hasColors: boolean): string {
  const codes: string[] = [];
  if (style.bold === true) codes.push('1');
  if (style.dim === true) codes.push('2');
  if (style.inverse === true) codes.push('7');
  if (style.color !== undefined && hasColors) codes.push(COLOR_CODES[style.color]);
  return codes.join(';');
}
