/**
 * Owns the one error of the bencode reader: what is wrong, as a code, and at which byte. Nothing else is
 * thrown on bad input.
 */

export type BencodeErrorCode =
  /** The input ends within a value. */
  | 'unexpected-end'
  /** A byte that cannot stand here. */
  | 'unexpected-byte'
  /** An integer with no digits, a leading zero, a minus zero or more digits than any use needs. */
  | 'bad-integer'
  /** A string length with a leading zero, or greater than what is left of the input. */
  | 'bad-length'
  /** A dictionary key that is not a string. */
  | 'key-not-string'
  /** A dictionary that has a key twice. */
  | 'duplicate-key'
  /** More input after the value. */
  | 'trailing-bytes'
  /** The input is longer than the limit. */
  | 'too-large'
  /** Lists and dictionaries are nested deeper than the limit. */
  | 'too-deep'
  /** More values than the limit. */
  | 'too-many-items';

const SENTENCES: { readonly [code in BencodeErrorCode]: string } = {
  'unexpected-end': 'the data ends within a value',
  'unexpected-byte': 'there is a byte that cannot stand here',
  'bad-integer': 'an integer is malformed',
  'bad-length': 'a string length is malformed or goes beyond the end',
  'key-not-string': 'a dictionary key is not a string',
  'duplicate-key': 'a dictionary has the same key twice',
  'trailing-bytes': 'there is more data after the end',
  'too-large': 'the data is longer than the limit',
  'too-deep': 'lists and dictionaries are nested too deeply',
  'too-many-items': 'there are too many values',
};

export class BencodeError extends Error {
  override readonly name = 'BencodeError';
  readonly code: BencodeErrorCode;
  /** Offset of the offending byte in the input. */
  readonly offset: number;

  constructor(code: BencodeErrorCode, offset: number) {
    super(`${SENTENCES[code]} (byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
