/**
 * Owns the closed list of reasons for which a peer connection ends: the text for people, who is to blame, whether the
 * candidate is tried again, and whether its address is banned. Nobody decides on the text.
 */
import type { FailureCode } from '../ports/failure.ts';
import {
  VIOLATION_BITFIELD_TOO_LONG,
  VIOLATION_BLOCK_LENGTH,
  VIOLATION_EXTENDED_TOO_LONG,
  VIOLATION_MESSAGE_TOO_LONG,
  VIOLATION_NOT_BITTORRENT,
  VIOLATION_UNKNOWN_TOO_LONG,
  VIOLATION_WRONG_LENGTH,
  type ViolationCode,
} from '../protocol/wire/violation.ts';

/** What becomes of the candidate: `soon` and `later` are back-offs, `never` forgets it, `ban` bans its address. */
export type Retry = 'soon' | 'later' | 'never' | 'ban';

interface ReasonEntry {
  readonly text: string;
  readonly retry: Retry;
}

const REASONS = {
  // The world.
  refused: { text: 'refused the connection', retry: 'later' },
  unreachable: { text: 'cannot be reached', retry: 'later' },
  'dial-timeout': { text: 'did not answer the connection attempt', retry: 'later' },
  'dial-failed': { text: 'could not be dialled', retry: 'later' },
  'connection-lost': { text: 'the connection broke', retry: 'soon' },
  'closed-by-peer': { text: 'closed the connection', retry: 'later' },
  // Time.
  'handshake-timeout': { text: 'did not complete the handshake in time', retry: 'later' },
  'peer-timeout': { text: 'sent nothing for too long', retry: 'later' },
  stalled: { text: 'owed blocks and sent nothing for too long', retry: 'later' },
  'not-reading': { text: 'did not take what we sent', retry: 'later' },
  useless: { text: 'neither side wanted anything', retry: 'later' },
  // Us.
  stopping: { text: 'the torrent stopped', retry: 'later' },
  'both-complete': { text: 'both sides have everything', retry: 'never' },
  'too-many-peers': { text: 'too many connections', retry: 'later' },
  'unknown-torrent': { text: 'asked for a torrent that is not here', retry: 'never' },
  'self-connection': { text: 'is this program itself', retry: 'never' },
  'duplicate-connection': { text: 'is connected already', retry: 'later' },
  banned: { text: 'is banned', retry: 'ban' },
  // Violations of the peer.
  'not-bittorrent': { text: 'does not speak BitTorrent', retry: 'never' },
  'wrong-info-hash': { text: 'answered for another torrent', retry: 'never' },
  'message-too-long': { text: 'sent a message that is too long', retry: 'never' },
  'wrong-length': { text: 'sent a message of the wrong length', retry: 'never' },
  'bad-bitfield': { text: 'sent a wrong bitfield', retry: 'never' },
  'bad-piece-index': { text: 'named a piece that does not exist', retry: 'never' },
  'out-of-turn': { text: 'sent a message at the wrong time', retry: 'never' },
  flood: { text: 'flooded us with messages', retry: 'never' },
  'unrequested-data': { text: 'sent much data that nobody asked for', retry: 'never' },
  'corrupt-data': { text: 'sent corrupt data', retry: 'ban' },
} as const satisfies Record<string, ReasonEntry>;

export type CloseReason = keyof typeof REASONS;

export function closeText(reason: CloseReason): string {
  return REASONS[reason].text;
}

export function retryAfter(reason: CloseReason): Retry {
  return REASONS[reason].retry;
}

/** The reason for a violation of the framing. */
export function reasonOfViolation(code: ViolationCode): CloseReason {
  switch (code) {
    case VIOLATION_NOT_BITTORRENT:
      return 'not-bittorrent';
    case VIOLATION_BITFIELD_TOO_LONG:
      return 'bad-bitfield';
    case VIOLATION_WRONG_LENGTH:
    case VIOLATION_BLOCK_LENGTH:
      return 'wrong-length';
    case VIOLATION_MESSAGE_TOO_LONG:
    case VIOLATION_EXTENDED_TOO_LONG:
    case VIOLATION_UNKNOWN_TOO_LONG:
      return 'message-too-long';
    default:
      return 'out-of-turn';
  }
}

/** The reason for what the transport said, before or after the connection was established. */
export function reasonOfFailure(code: FailureCode, wasConnected: boolean): CloseReason {
  if (wasConnected) return code === 'closed' ? 'closed-by-peer' : 'connection-lost';
  switch (code) {
    case 'refused':
      return 'refused';
    case 'timeout':
      return 'dial-timeout';
    case 'unreachable':
      return 'unreachable';
    default:
      return 'dial-failed';
  }
}
