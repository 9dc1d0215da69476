/**
 * Owns the entrances to the bencode reader (BEP 3). Limits come from the caller, because a tracker's answer
 * and a .torrent file differ by orders of magnitude in what is reasonable.
 */
import { BencodeError } from './bencode-error.ts';
import { BencodeNode } from './bencode-node.ts';
import { type BencodeLimits, BencodeTokens } from './bencode-tokens.ts';

/** The one value that `bytes` hold. Throws {@link BencodeError}; bytes behind the value are an error too. */
export function readBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeNode {
  const node = readBencodePrefix(bytes, limits);
  if (node.end !== bytes.length) throw new BencodeError('trailing-bytes', node.end);
  return node;
}

/**
 * The value at the start of `bytes`; what follows begins at its `end` (ut_metadata sends data there, BEP 9).
 * Throws {@link BencodeError}.
 */
export function readBencodePrefix(bytes: Uint8Array, limits: BencodeLimits): BencodeNode {
  return new BencodeNode(new BencodeTokens(bytes, limits), 0);
}
