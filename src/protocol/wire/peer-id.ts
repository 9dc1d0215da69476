/**
 * Owns our own peer id (BEP 20, Azureus style): `-SE0100-` and 12 random characters.
 *
 * `SE` is from the ends of the name. `SP`, in any case, would be the obvious choice and is taken by BitSpirit, which peer filters ban by
 * that prefix. The random part is letters and digits: a peer id is percent-encoded in announces, and these stay short.
 */
import type { Entropy } from '../../ports/entropy.ts';
import { PEER_ID_LENGTH } from './handshake.ts';

/** Client code `SE`, version 0.1.0.0. */
export const PEER_ID_PREFIX = '-SE0100-';

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes at or above this are drawn again, so that each of the 62 characters is equally likely. */
const FAIR_BELOW = 256 - (256 % CHARACTERS.length);

/** A new peer id of 20 printable bytes. Each torrent gets its own, so that a peer cannot link two swarms by it. */
export function createPeerId(entropy: Entropy): Uint8Array {
  const peerId = new Uint8Array(PEER_ID_LENGTH);
  for (let at = 0; at < PEER_ID_PREFIX.length; at++) peerId[at] = PEER_ID_PREFIX.charCodeAt(at);
  const drawn = new Uint8Array(32);
  for (let at = PEER_ID_PREFIX.length; at < PEER_ID_LENGTH; ) {
    entropy.fill(drawn);
    for (let i = 0; i < drawn.length && at < PEER_ID_LENGTH; i++) {
      if (drawn[i]! < FAIR_BELOW) peerId[at++] = CHARACTERS.charCodeAt(drawn[i]! % CHARACTERS.length);
    }
  }
  return peerId;
}
