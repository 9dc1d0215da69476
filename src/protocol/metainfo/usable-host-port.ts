/**
 * Owns which hosts of a torrent or magnet link are of use: IP addresses and names that the DNS could know.
 */
import { canonicalAddress, parseHostPort } from '../../base/endpoint.ts';

/** Letters of other scripts come as `xn--`; an underscore is no host name but in use. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;

/** The parts of `HOST:PORT` or `[IPV6]:PORT`, an address in canonical form, or null when it is neither. */
export function usableHostPort(text: string): { host: string; port: number } | null {
  const parts = parseHostPort(text);
  if (parts === null) return null;
  const address = canonicalAddress(parts.host);
  if (address !== null) return { host: address, port: parts.port };
  return HOST_NAME.test(parts.host) ? parts : null;
}
