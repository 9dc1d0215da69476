/**
 * Owns the split of a URL into its parts, as far as trackers and web seeds need it; the core has no platform `URL`.
 *
 * Only `SCHEME://[USERINFO@]HOST[:PORT][/PATH][?QUERY][#FRAGMENT]` with an ASCII scheme (RFC 3986). Nothing is decoded or
 * normalised except that scheme and host become lower case; a fragment is dropped.
 */

export interface UrlParts {
  /** Lower case, without the colon. */
  readonly scheme: string;
  /** `USER` or `USER:PASSWORD` as written; null without one. */
  readonly userInfo: string | null;
  /** Lower case; an IPv6 address without its brackets. Never empty. */
  readonly host: string;
  /** 1 to 65535 as written; null without one. */
  readonly port: number | null;
  /** With its leading slash, or empty. */
  readonly path: string;
  /** Without the question mark; null without one. */
  readonly query: string | null;
}

/** Longer URLs are refused: browsers and servers stop at a quarter of it. */
export const MAX_URL_LENGTH = 8192;

const SHAPE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/;
const AUTHORITY = /^(?:([^@]*)@)?(?:\[([0-9A-Fa-f:.]+)\]|([^:@[\]]+))(?::(\d{0,5}))?$/;

/** The parts of `url`, or null when it has not that shape or holds white space or control characters. */
export function parseUrl(url: string): UrlParts | null {
  if (url.length > MAX_URL_LENGTH || hasBlankOrControl(url)) return null;
  const shape = SHAPE.exec(url);
  if (shape === null) return null;
  const authority = AUTHORITY.exec(shape[2]!);
  if (authority === null) return null;
  const portText = authority[4] ?? '';
  const port = portText === '' ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65535)) return null;
  return {
    scheme: shape[1]!.toLowerCase(),
    userInfo: authority[1] ?? null,
    host: (authority[2] ?? authority[3]!).toLowerCase(),
    port,
    path: shape[3]!,
    query: shape[4] ?? null,
  };
}

function hasBlankOrControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return true;
  }
  return false;
}
