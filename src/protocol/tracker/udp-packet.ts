/**
 * Owns the packets of the UDP tracker protocol (BEP 15) and the URL data behind an announce (BEP 41).
 *
 * Connection ids are eight opaque bytes; they are never a number. Packets may be longer than their fields, in both
 * directions (BEP 15). All decoding stays inside the given bytes.
 */
import type { AnnounceEvent, AnnounceParameters } from './announce.ts';
import { PeerList } from './compact-peers.ts';
import { messageText } from './message-text.ts';

export const ACTION_CONNECT = 0;
export const ACTION_ANNOUNCE = 1;
export const ACTION_ERROR = 3;

export const CONNECTION_ID_LENGTH = 8;

const CONNECT_REQUEST_LENGTH = 16;
const ANNOUNCE_REQUEST_LENGTH = 98;
const ANNOUNCE_ANSWER_HEADER_LENGTH = 20;
const ERROR_HEADER_LENGTH = 8;
const PROTOCOL_ID_HIGH = 0x417;
const PROTOCOL_ID_LOW = 0x27101980;
const EVENT_CODES: Readonly<Record<AnnounceEvent, number>> = {
  none: 0,
  completed: 1,
  started: 2,
  stopped: 3,
};

const OPTION_URL_DATA = 2;
const MAX_OPTION_LENGTH = 255;
/** Longer URL data is left out, so that the request stays in one packet on every path. */
const MAX_URL_DATA_LENGTH = 1020;

/** What came from a tracker. `malformed` says in words what is wrong with a packet for us. */
export type UdpAnswer =
  | { readonly kind: 'connect'; readonly connectionId: Uint8Array }
  | {
      readonly kind: 'announce';
      readonly intervalSeconds: number;
      readonly leeches: number;
      readonly seeds: number;
      readonly peers: PeerList;
    }
  | { readonly kind: 'error'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

export function encodeConnect(transactionId: number): Uint8Array {
  const bytes = new Uint8Array(CONNECT_REQUEST_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, PROTOCOL_ID_HIGH);
  view.setUint32(4, PROTOCOL_ID_LOW);
  view.setUint32(8, ACTION_CONNECT);
  view.setUint32(12, transactionId);
  return bytes;
}

/** `urlData` is path and query of the tracker's URL as ASCII bytes (BEP 41), or empty. */
export function encodeAnnounce(
  connectionId: Uint8Array,
  transactionId: number,
  parameters: AnnounceParameters,
  urlData: Uint8Array,
): Uint8Array {
  const options = encodeUrlData(urlData);
  const bytes = new Uint8Array(ANNOUNCE_REQUEST_LENGTH + options.length);
  const view = new DataView(bytes.buffer);
  const { counters } = parameters;
  bytes.set(connectionId, 0);
  view.setUint32(8, ACTION_ANNOUNCE);
  view.setUint32(12, transactionId);
  bytes.set(parameters.infoHash, 16);
  bytes.set(parameters.peerId, 36);
  setUint64(view, 56, counters.downloaded);
  setUint64(view, 64, counters.left);
  setUint64(view, 72, counters.uploaded);
  view.setUint32(80, EVENT_CODES[parameters.event]);
  view.setUint32(84, 0); // the address that the tracker sees
  view.setUint32(88, parameters.key);
  view.setInt32(92, parameters.numWant);
  view.setUint16(96, parameters.port);
  bytes.set(options, ANNOUNCE_REQUEST_LENGTH);
  return bytes;
}

/** The transaction that an answer belongs to, or -1 when it is too short to have one. */
export function transactionIdOf(bytes: Uint8Array): number {
  return bytes.length < ERROR_HEADER_LENGTH ? -1 : uint32At(bytes, 4);
}

/** Reads an answer whose transaction is known. `addressLength` is 4 over IPv4 and 16 over IPv6. */
export function decodeUdpAnswer(bytes: Uint8Array, addressLength: 4 | 16): UdpAnswer {
  if (bytes.length < ERROR_HEADER_LENGTH) return malformed(`a packet of ${bytes.length} bytes`);
  const action = uint32At(bytes, 0);
  if (action === ACTION_CONNECT) return decodeConnect(bytes);
  if (action === ACTION_ANNOUNCE) return decodeAnnounce(bytes, addressLength);
  if (action === ACTION_ERROR) {
    return { kind: 'error', reason: messageText(bytes.subarray(ERROR_HEADER_LENGTH)) };
  }
  return malformed(`an answer with the unknown action ${action}`);
}

function decodeConnect(bytes: Uint8Array): UdpAnswer {
  const end = ERROR_HEADER_LENGTH + CONNECTION_ID_LENGTH;
  if (bytes.length < end) return malformed(`a connect answer of ${bytes.length} bytes`);
  return { kind: 'connect', connectionId: bytes.slice(ERROR_HEADER_LENGTH, end) };
}

function decodeAnnounce(bytes: Uint8Array, addressLength: 4 | 16): UdpAnswer {
  if (bytes.length < ANNOUNCE_ANSWER_HEADER_LENGTH)
    return malformed(`an announce answer of ${bytes.length} bytes`);
  const peers = new PeerList();
  peers.addCompact(bytes, ANNOUNCE_ANSWER_HEADER_LENGTH, addressLength);
  return {
    kind: 'announce',
    intervalSeconds: uint32At(bytes, 8) | 0,
    leeches: uint32At(bytes, 12) | 0,
    seeds: uint32At(bytes, 16) | 0,
    peers,
  };
}

function encodeUrlData(urlData: Uint8Array): Uint8Array {
  if (urlData.length === 0 || urlData.length > MAX_URL_DATA_LENGTH) return new Uint8Array(0);
  const optionCount = Math.ceil(urlData.length / MAX_OPTION_LENGTH);
  const bytes = new Uint8Array(urlData.length + 2 * optionCount);
  for (let i = 0, at = 0; i < optionCount; i++) {
    const part = urlData.subarray(i * MAX_OPTION_LENGTH, (i + 1) * MAX_OPTION_LENGTH);
    bytes[at] = OPTION_URL_DATA;
    bytes[at + 1] = part.length;
    bytes.set(part, at + 2);
    at += 2 + part.length;
  }
  return bytes;
}

function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 0x1_0000_0000));
  view.setUint32(at + 4, value >>> 0);
}

function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function malformed(reason: string): UdpAnswer {
  return { kind: 'malformed', reason };
}
