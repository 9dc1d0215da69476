/**
 * Owns text as a terminal shows it: made harmless, measured in columns, cut to fit.
 *
 * Names, messages of trackers and client names come from strangers: control characters in them would move the
 * cursor or worse, and direction overrides would show another name than the one on disk.
 */

// Controls, format characters (zero-width joiners, direction overrides) and lone surrogates; line separators
// too.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const COMBINING = /^[\p{Mn}\p{Me}]$/u;
const PICTURE = /^\p{Emoji_Presentation}$/u;

/** Pairs of first and last code points that take two columns (East Asian wide and full-width). */
const WIDE: readonly number[] = [
  0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0xa4cf, 0xa960, 0xa97c, 0xac00,
  0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18cff,
  0x1aff0, 0x1b2ff, 0x20000, 0x3fffd,
];

/** `text` on one line, each character that does not print replaced by U+FFFD. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** Columns that printable `text` takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `text` in at most `columns` columns, with an ellipsis where it was cut. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let width = 0;
  let fitted = '';
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    fitted += character;
  }
  return `${fitted}…`;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (COMBINING.test(character)) return 0;
  if (isWide(code) || PICTURE.test(character)) return 2;
  return 1;
}

function isWide(code: number): boolean {
  for (let i = 0; i < WIDE.length; i += 2) {
    if (code < WIDE[i]!) return false;
    if (code <= WIDE[i + 1]!) return true;
  }
  return false;
}
