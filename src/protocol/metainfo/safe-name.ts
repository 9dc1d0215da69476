/**
 * Owns what one part of a path may look like on disk, on every system at once: a folder may lie on a disk
 * that another system formatted, and the same torrent should give the same names everywhere. It knows one
 * name at a time; that the names of a folder differ is up to `safe-path.ts`.
 */
import { toUtf8 } from '../../base/text.ts';

/** The longest name that common file systems take, in bytes of UTF-8. */
const LONGEST_NAME_BYTES = 255;
/** What an incomplete file carries behind its name. Kept free for here, because it must fit too. */
export const PART_SUFFIX = '.part';
/** The longest name that a torrent gets, in bytes of UTF-8. */
export const MAX_NAME_BYTES = LONGEST_NAME_BYTES - PART_SUFFIX.length;
/** A longer "extension" is more likely to be a sentence behind a full stop. In bytes. */
const MAX_EXTENSION_BYTES = 16;
/** A space, two brackets and seven digits: no torrent has more files than that. */
const NUMBER_BYTES = 10;

/**
 * Never in a name: both separators, what Windows reserves (a colon would name a drive or a stream), control
 * characters (C0, DEL, C1), line separators, and the marks that make a name read backwards and so fake its
 * extension.
 */
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Devices of Windows, with or without an extension. The superscript digits count there too. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/iu;
/** Most names by far: nothing to do, and bytes equal characters. */
const PLAIN = /^[A-Za-z0-9_\-()[\]{}+,;=@!#$%&'~^` .]*$/;

/**
 * `raw` as a name that cannot leave its folder and that every system accepts: at most `maxBytes` of UTF-8 (at
 * least 8). A name that is fine stays as it is.
 */
export function safeName(raw: string, maxBytes: number = MAX_NAME_BYTES): string {
  const name = reserve(PLAIN.test(raw) ? raw : raw.replace(FORBIDDEN, '_'));
  if (utf8ByteLength(name) <= maxBytes) return name;
  // The cut may uncover a dot, a space or a device, so what it leaves is looked at again; that adds one byte
  // at most.
  return reserve(shorten(name, maxBytes - 1, '', 0));
}

/**
 * `name` with ` (number)` before its extension, at most `maxBytes` long (at least 12). The room is kept for
 * the longest number, so that for one name only the number differs.
 */
export function numberedName(name: string, number: number, maxBytes: number): string {
  return shorten(name, maxBytes, ` (${number})`, NUMBER_BYTES);
}

/**
 * Names for which this is equal may be the same file somewhere: case and Unicode normalisation are ignored.
 */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  // Upper case first, because some letters differ in one of the two only. The small sigma at the end of a
  // word is the one letter whose lower case depends on what follows.
  return name.normalize('NFD').toUpperCase().toLowerCase().replaceAll('\u03c2', '\u03c3').normalize('NFC');
}

/** How many bytes `text` takes in UTF-8. */
export function utf8ByteLength(text: string): number {
  return PLAIN.test(text) ? text.length : toUtf8(text).length;
}

/** Makes names harmless that mean something by themselves. */
function reserve(name: string): string {
  if (name === '') return '_';
  let end = name.length;
  // Windows drops dots and spaces at the end, so two names would become one; `.` and `..` are names of
  // folders.
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  const ended = end === name.length ? name : name.slice(0, end) + '_'.repeat(name.length - end);
  return DEVICE.test(ended) ? `_${ended}` : ended;
}

/**
 * Puts `suffix` before the extension, and cuts what stands before it so that a suffix of `suffixBytes` fits.
 */
function shorten(name: string, maxBytes: number, suffix: string, suffixBytes: number): string {
  const dot = name.lastIndexOf('.');
  const found = dot > 0 ? name.slice(dot) : '';
  const foundBytes = utf8ByteLength(found);
  const keepsExtension = foundBytes <= MAX_EXTENSION_BYTES && foundBytes + suffixBytes < maxBytes / 2;
  const extension = keepsExtension ? found : '';
  const extensionBytes = keepsExtension ? foundBytes : 0;
  const stem = name.slice(0, name.length - extension.length);
  return cut(stem, maxBytes - suffixBytes - extensionBytes) + suffix + extension;
}

/** The longest start of `text` that takes at most `maxBytes` in UTF-8 and splits no character. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const code = text.codePointAt(end)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) break;
    end += code < 0x10000 ? 1 : 2;
  }
  return text.slice(0, end);
}
