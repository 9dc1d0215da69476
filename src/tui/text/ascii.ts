/**
 * Owns how a whole screen looks on a terminal without Unicode: every glyph that the views draw has a stand-in, and what
 * strangers named becomes question marks. Column for column: a wide character becomes two. Pure.
 */
import { textWidth } from '../../cli/terminal-text.ts';

const STAND_INS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '─': '-',
    '━': '=',
    '╸': '-',
    '│': '|',
    '╭': '+',
    '╮': '+',
    '╰': '+',
    '╯': '+',
    '├': '+',
    '┤': '+',
    '┬': '+',
    '┴': '+',
    '┼': '+',
    '█': '#',
    '▉': '#',
    '▊': '#',
    '▋': '#',
    '▌': '#',
    '▍': '-',
    '▎': '-',
    '▏': '-',
    '▁': '.',
    '▂': '.',
    '▃': ':',
    '▄': ':',
    '▅': '+',
    '▆': '+',
    '▇': '#',
    '▓': '%',
    '▒': '+',
    '░': '-',
    '…': '~',
    '·': '.',
    '↓': 'v',
    '↑': '^',
    '●': '*',
    '○': 'o',
    '▸': '>',
    '■': 'x',
    '□': '.',
    '×': '!',
    '–': '-',
    '’': "'",
  }),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences pass as they are
const NOT_ASCII = /[^\u0000-\u007f]/gu;

/** `text`, which may contain escape sequences, in ASCII and in the same columns. */
export function toAscii(text: string): string {
  return text.replace(NOT_ASCII, (glyph) => STAND_INS.get(glyph) ?? '?'.repeat(textWidth(glyph)));
}
