/**
 * Owns the URL of an HTTP announce (BEP 3, 7, 23).
 *
 * No `ip`, `ipv4` or `ipv6`: the tracker takes the address that it sees (BEP 7 discourages the rest).
 */
import { percentEncode } from '../../base/percent.ts';
import type { AnnounceParameters } from './announce.ts';

/** `url` with the parameters of one announce behind whatever query it has. A fragment is dropped. */
export function announceUrl(url: string, parameters: AnnounceParameters): string {
  const hash = url.indexOf('#');
  const base = hash < 0 ? url : url.slice(0, hash);
  return base + separator(base) + announceQuery(parameters);
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
