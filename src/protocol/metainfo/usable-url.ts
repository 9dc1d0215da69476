/**
 * Owns which URLs of a torrent or magnet link are of use: of a scheme that this project speaks, and well
 * formed.
 */
import { parseUrl } from '../../base/url.ts';

/** `text` without white space around it when it is an HTTP, HTTPS or UDP tracker (BEP 3, 15), else null. */
export function usableTrackerUrl(text: string): string | null {
  const url = text.trim();
  const parts = parseUrl(url);
  if (parts === null) return null;
  if (parts.scheme === 'udp') return parts.port === null ? null : url;
  return parts.scheme === 'http' || parts.scheme === 'https' ? url : null;
}

/** `text` without white space around it when it is an HTTP or HTTPS web seed (BEP 19), else null. */
export function usableWebSeedUrl(text: string): string | null {
  const url = text.trim();
  const scheme = parseUrl(url)?.scheme;
  return scheme === 'http' || scheme === 'https' ? url : null;
}
