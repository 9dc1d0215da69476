/**
 * Owns the URL of an HTTP announce (BEP 3, 7, 23).
 *
 * No `ip`, `ipv4` or `ipv6`: the tracker takes the address that it sees (BEP 7 discourages the rest).
 */
import type { AnnounceParameters } from './announce.ts';

const HEX_DIGITS = '0123456789ABCDEF';

/** `url` with the parameters of one announce behind whatever query it has. A fragment is dropped. */
export function announceUrl(url: string, parameters: AnnounceParameters): string {
  const hash = url.indexOf('#');
  const base = hash < 0 ? url : url.slice(0, hash);
  return base + separator(base) + announceQuery(parameters);
}

/** Each byte as itself when RFC 3986 calls it unreserved, else percent-encoded. */
export function percentEncode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (isUnreserved(byte)) text += String.fromCharCode(byte);
    else text += `%${HEX_DIGITS[byte >>> 4]}${HEX_DIGITS[byte & 15]}`;
  }
  return text;
}

function separator(base: string): string {
  if (!base.includes('?')) return '?';
  return base.endsWith('?') || base.endsWith('&') ? '' : '&';
}

function announceQuery(parameters: AnnounceParameters): string {
  const { counters, event, trackerId } = parameters;
  // info_hash comes first: some trackers take the torrent from there without reading on.
  let query = `info_hash=${percentEncode(parameters.infoHash)}&peer_id=${percentEncode(parameters.peerId)}`;
  query += `&port=${parameters.port}&uploaded=${counters.uploaded}&downloaded=${counters.downloaded}`;
  query += `&left=${counters.left}&compact=1&no_peer_id=1&numwant=${parameters.numWant}`;
  query += `&key=${parameters.key.toString(16).toUpperCase().padStart(8, '0')}`;
  if (event !== 'none') query += `&event=${event}`;
  if (trackerId !== null) query += `&trackerid=${percentEncode(trackerId)}`;
  return query;
}

function isUnreserved(byte: number): boolean {
  if ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a))
    return true;
  return byte === 0x2d || byte === 0x2e || byte === 0x5f || byte === 0x7e;
}
