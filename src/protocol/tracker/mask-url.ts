/**
 * Owns what may be shown of a tracker's URL: the host and the familiar words, never what could be a passkey.
 *
 * The rule is "secret unless it looks harmless", because trackers invent new places for passkeys, and a log is copied into
 * public places. Two URLs that differ only in their secrets may look alike.
 */
import { formatHostPort } from '../../base/endpoint.ts';
import { parseUrl, type UrlParts } from '../../base/url.ts';

const MASK = '***';
/** Words that trackers use in paths and as names of parameters; with an extension too. */
const FAMILIAR =
  /^(?:announce|scrape|tracker|torrents?|passkey|authkey|auth|token|secret|user|info|peer|ipv[46]|compact)\d?(?:\.[a-z]{2,4})?$/i;
/** Up to this many characters say too little to be a secret. */
const HARMLESS_LENGTH = 4;
/** Letters alone up to this length are a word rather than a key. */
const HARMLESS_WORD_LENGTH = 10;
/** Of a secret at least this long the first characters are shown, so that its owner can recognise it. */
const RECOGNISABLE_LENGTH = 16;
const SHOWN_LENGTH = 3;
/** A label of a host name that is longer and has a digit is taken for a key: `KEY.tracker.example`. */
const HOST_LABEL_LENGTH = 20;

/** `url` with everything hidden that might be a secret. A text that is no URL is hidden as a whole. */
export function maskTrackerUrl(url: string): string {
  const parts = parseUrl(url);
  if (parts === null) return '(unreadable URL)';
  const host = maskHost(parts.host);
  const authority = parts.port === null ? bracket(host) : formatHostPort(host, parts.port);
  const user = parts.userInfo === null ? '' : `${MASK}@`;
  const path = parts.path.split('/').map(maskWord).join('/');
  const query = parts.query === null ? '' : `?${maskQuery(parts.query)}`;
  return `${parts.scheme}://${user}${authority}${path}${query}`;
}

/** `text` (a tracker's own words, an error) with every secret of `url` in it hidden. */
export function maskSecretsOf(url: string, text: string): string {
  const parts = parseUrl(url);
  if (parts === null) return text;
  let masked = text;
  // The longest first: one secret may be a part of another.
  for (const secret of secretsOf(parts).sort((a, b) => b.length - a.length)) {
    masked = masked.replaceAll(secret, maskSecret(secret));
  }
  return masked;
}

function secretsOf(parts: UrlParts): string[] {
  const words = [...parts.path.split('/'), ...(parts.userInfo ?? '').split(':')];
  for (const pair of (parts.query ?? '').split(/[&;]/)) words.push(...pair.split('='));
  return [...words.filter(isSecret), ...parts.host.split('.').filter(isHostKey)];
}

function maskHost(host: string): string {
  if (host.includes(':')) return host;
  return host
    .split('.')
    .map((label) => (isHostKey(label) ? maskSecret(label) : label))
    .join('.');
}

function isHostKey(label: string): boolean {
  return label.length > HOST_LABEL_LENGTH && /\d/.test(label);
}

function maskQuery(query: string): string {
  return query
    .split('&')
    .map((pair) => pair.split('=').map(maskWord).join('='))
    .join('&');
}

function maskWord(word: string): string {
  return isSecret(word) ? maskSecret(word) : word;
}

function isSecret(word: string): boolean {
  if (word.length <= HARMLESS_LENGTH || FAMILIAR.test(word)) return false;
  return word.length > HARMLESS_WORD_LENGTH || !/^[A-Za-z_-]+$/.test(word);
}

function maskSecret(word: string): string {
  return word.length < RECOGNISABLE_LENGTH ? MASK : word.slice(0, SHOWN_LENGTH) + MASK;
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
