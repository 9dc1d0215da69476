/**
 * Owns the fetching of a .torrent file from a web server: bounded in size, time and redirects; failures in
 * words that never contain a passkey.
 */
import type { FailureCode } from '../ports/failure.ts';
import type { HttpResponse } from '../ports/http.ts';
import { maskSecretsOf, maskTrackerUrl } from '../protocol/tracker/mask-url.ts';
import { ClientError } from './client-error.ts';
import { userAgent } from './version.ts';

/** A torrent of this size lists some 3 million pieces; the largest in use are a tenth of it. */
export const MAX_TORRENT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 10;

export interface FetchedTorrent {
  readonly bytes: Uint8Array;
  /** The URL as it may be shown. */
  readonly maskedUrl: string;
}

/**
 * The body at `url`, http or https. `localAddress` is where to connect from, or null. Rejects with
 * `ClientError`, whose code is the failure's.
 */
export async function fetchTorrent(url: string, localAddress: string | null = null): Promise<FetchedTorrent> {
  const maskedUrl = maskTorrentUrl(url);
  const response = await get(url, maskedUrl, localAddress);
  if (response.status !== 200) {
    throw new ClientError('http-status', `cannot fetch ${maskedUrl}: the server answered ${response.status}`);
  }
  return { bytes: response.body, maskedUrl };
}

async function get(url: string, maskedUrl: string, localAddress: string | null): Promise<HttpResponse> {
  const { NodeHttpClient } = await import('../node/http-client.ts');
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const request = {
    url,
    timeoutMs: TIMEOUT_MS,
    maxBodyBytes: MAX_TORRENT_BYTES,
    maxRedirects: MAX_REDIRECTS,
    localAddress,
  };
  new NodeHttpClient(userAgent()).get(request, {
    onResponse: resolve,
    onFailure(failure) {
      const detail = maskSecretsOf(url, failure.detail);
      const why = FAILURE_WORDS[failure.code] ?? `${failure.code} ${detail}`.trim();
      reject(new ClientError(failure.code, `cannot fetch ${maskedUrl}: ${why}`));
    },
  });
  return promise;
}

const FAILURE_WORDS: Readonly<Partial<Record<FailureCode, string>>> = {
  timeout: `no answer within ${TIMEOUT_MS / 1000} s`,
  refused: 'the connection was refused',
  reset: 'the connection was reset',
  closed: 'the server closed the connection too early',
  unreachable: 'the server cannot be reached; check the network',
  'not-found': 'the host name is unknown',
  'address-unavailable': 'this machine does not have the local address that was asked for',
  'too-large': `it is larger than ${Math.floor(MAX_TORRENT_BYTES / 1e6)} MB, which no .torrent file is`,
  'too-many-redirects': `more than ${MAX_REDIRECTS} redirects`,
};

/** The masked URL; the name of a .torrent file at its end is not a secret and says which one is meant. */
function maskTorrentUrl(url: string): string {
  const masked = maskTrackerUrl(url);
  const name = /\/([^/?#]+\.torrent)$/i.exec(url)?.[1];
  return name === undefined ? masked : masked.replace(/[^/]*$/, () => name);
}
