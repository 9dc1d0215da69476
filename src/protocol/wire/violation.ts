/**
 * Owns the ways in which bytes of a peer can break the framing of the protocol. Numbers, because a peer's mistake is data:
 * the engine maps them to a close reason (text, blame, ban). What a well-formed message may say at a given moment (a
 * block that nobody requested, a second bitfield) is the engine's to judge, not the codec's.
 */

/** Nothing is wrong. */
export const VIOLATION_NONE = 0;
/** A length prefix beyond that of any message we take; often a stream that is no BitTorrent at all. */
export const VIOLATION_MESSAGE_TOO_LONG = 1;
/** A message whose length its id does not allow. */
export const VIOLATION_WRONG_LENGTH = 2;
/** A piece message whose block is empty or longer than any block we request. */
export const VIOLATION_BLOCK_LENGTH = 3;
/** A bitfield with more bytes than the torrent has pieces for. */
export const VIOLATION_BITFIELD_TOO_LONG = 4;
/** An extended message (BEP 10) past its limit. */
export const VIOLATION_EXTENDED_TOO_LONG = 5;
/** A message with an unknown id that is too long to be skipped. */
export const VIOLATION_UNKNOWN_TOO_LONG = 6;
/** The handshake does not begin with the protocol's name (BEP 3). */
export const VIOLATION_NOT_BITTORRENT = 7;

export type ViolationCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
