/** Owns what becomes of a text that a tracker sent and a person will read. */
import { fromUtf8Lossy } from '../../base/text.ts';
import { MAX_MESSAGE_LENGTH } from './announce.ts';

/** UTF-8 is at most four bytes a character; more is not looked at. */
const MAX_MESSAGE_BYTES = MAX_MESSAGE_LENGTH * 4;

/** One line of printable text of limited length: a terminal must not obey a tracker. */
export function messageText(bytes: Uint8Array): string {
  const text = fromUtf8Lossy(bytes.subarray(0, MAX_MESSAGE_BYTES));
  // Control characters (C0, DEL, C1), line separators, and the marks that change the direction of writing.
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+/gu, ' ').trim();
  return Array.from(line).slice(0, MAX_MESSAGE_LENGTH).join('');
}
