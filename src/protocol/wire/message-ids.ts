/**
 * Owns the ids of peer messages: the byte after the length prefix. What a message may contain is the decoder's.
 */

// BEP 3
export const MESSAGE_CHOKE = 0;
export const MESSAGE_UNCHOKE = 1;
export const MESSAGE_INTERESTED = 2;
export const MESSAGE_NOT_INTERESTED = 3;
export const MESSAGE_HAVE = 4;
export const MESSAGE_BITFIELD = 5;
export const MESSAGE_REQUEST = 6;
export const MESSAGE_PIECE = 7;
export const MESSAGE_CANCEL = 8;

// DHT protocol (the port message is described in BEP 5, its id is reserved in BEP 4)
export const MESSAGE_PORT = 9;

// Fast extension (BEP 6)
export const MESSAGE_SUGGEST_PIECE = 13;
export const MESSAGE_HAVE_ALL = 14;
export const MESSAGE_HAVE_NONE = 15;
export const MESSAGE_REJECT_REQUEST = 16;
export const MESSAGE_ALLOWED_FAST = 17;

// Extension protocol (BEP 10)
export const MESSAGE_EXTENDED = 20;
