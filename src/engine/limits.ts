/**
 * Owns every limit and time-out of the engine, each with its reason. Bounds memory and time whatever peers do.
 */

/** Connected and half-open peers of one torrent. */
export const MAX_PEERS_PER_TORRENT = 250;
/** Known addresses of one torrent; more are forgotten, the worst first. About 200 bytes each. */
export const MAX_CANDIDATES = 3000;
/** Addresses of peers that lied; the oldest ban goes when the table is full. */
export const MAX_BANNED_ADDRESSES = 10_000;
/** Accepted connections that have not named a torrent yet. */
export const MAX_PENDING_INCOMING = 200;
/** The same from one address, so that one host cannot use up the table. */
export const MAX_PENDING_INCOMING_PER_ADDRESS = 20;
/** Peers of one torrent that came in from one address; several people may share one. */
export const MAX_INCOMING_PER_ADDRESS = 50;

/** Dials under way in the whole session that are younger than {@link FRESH_DIAL_MS}. */
export const MAX_FRESH_DIALS = 100;
/** A dial that is older no longer holds back others: silence of some must not delay the rest. */
export const FRESH_DIAL_MS = 2000;
/** New dials a second in the whole session, after a burst of {@link MAX_FRESH_DIALS}. */
export const DIALS_PER_SECOND = 50;
/** Give up on a connection attempt. */
export const DIAL_TIMEOUT_MS = 15_000;
/** From the established connection to the peer's whole handshake. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Send a keep-alive after this silence of ours; others give up after 120 s. */
export const KEEP_ALIVE_MS = 90_000;
/** A connection with no byte for this long is dead: others send keep-alives every 60 to 120 s. */
export const PEER_TIMEOUT_MS = 180_000;
/** Neither side wants anything from the other for this long. */
export const USELESS_PEER_MS = 300_000;

/** Back-off before a candidate is dialled again: first, factor for each further failure, and longest. */
export const RETRY_FIRST_MS = 10_000;
export const RETRY_FACTOR = 3;
export const RETRY_MAX_MS = 1_800_000;
/** Failures in a row after which a candidate is forgotten unless a source names it again. */
export const MAX_CANDIDATE_FAILURES = 6;

/** Requests in flight at a new peer: enough to keep it busy for a round trip. */
export const REQUESTS_FIRST = 8;
/** Never fewer, so that a slow peer always has the next block to send. */
export const REQUESTS_MIN = 2;
/** Never more at one peer: what clients that do not say otherwise queue for us (250 to 500). */
export const REQUESTS_MAX = 500;
/** A queue holds as many blocks as the peer sends in this time. */
export const REQUEST_QUEUE_MS = 2000;
/** A peer that owes blocks and completes none for this long is snubbing us. */
export const SNUB_MS = 20_000;
/** A snubbing peer that owes us blocks is given up after this time when it sends nothing at all. */
export const SNUBBED_PEER_TIMEOUT_MS = 120_000;
/** A piece that a peer can fetch alone in this time is its own: blocks then come in order, and blame is exact. */
export const WHOLE_PIECE_MS = 20_000;
/** Other peers that may be asked for one block in the endgame. */
export const ENDGAME_DUPLICATES_MAX = 2;
/** A block that has been owed for this long may be asked of one more peer in the endgame. */
export const ENDGAME_PATIENCE_MS = 3000;
/** The same for a peer that has nothing else to do: its line is free, and the end is near. */
export const ENDGAME_IDLE_PATIENCE_MS = 500;
/** Pieces that a peer may let us have while it chokes us (BEP 6 suggests 10). */
export const MAX_ALLOWED_FAST = 64;

/** Requests that a choked peer may send us in a minute before it is a flood; each is answered with a reject. */
export const MAX_CHOKED_REQUESTS_PER_MINUTE = 5000;
/** Messages without any use to us (unknown, suggestions, repeated) in a minute before it is a flood. */
export const MAX_IDLE_MESSAGES_PER_MINUTE = 20_000;
/** Payload that nobody asked for before the peer is given up, beyond what was cancelled or timed out. */
export const MAX_UNREQUESTED_BYTES = 16 * 1024 * 1024;

/** Failed copies of one piece that are remembered for finding the liar. */
export const MAX_FAILED_COPIES = 4;
/** Pieces with remembered failed copies; beyond it the oldest is forgotten. */
export const MAX_SUSPECT_PIECES = 256;

/** Protocol messages gathered for one peer in one turn: a bitfield and a full queue of requests, with room to spare. */
export const MAX_TURN_OUTPUT_BYTES = 1024 * 1024;
/** What a peer may leave unread before it is given up. */
export const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

/**
 * A peer that takes nothing of what was handed to its connection for this long is given up: the blocks hold slots. What is
 * handed over at once is 256 KiB at most, so it could have taken 5 kB/s.
 */
export const UPLOAD_STUCK_MS = 60_000;

/** How often each torrent looks after its peers' time-outs. */
export const SWEEP_MS = 1000;
/** Goodbyes to trackers, in all. */
export const STOP_TIMEOUT_MS = 3000;
/** Ask the trackers for more below this number of connected and dialable peers. */
export const PEERS_LOW = 30;
