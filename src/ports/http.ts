/**
 * The seam to HTTP and HTTPS, as trackers need it: one bounded GET.
 *
 * Contract: the call returns at once; the handler is called exactly once, later, never from inside `get`; after
 * `cancel` it is not called. `timeoutMs` covers everything from name resolution to the last byte. The body is at most
 * `maxBodyBytes` long after decompression (gzip, deflate); more is the failure `too-large`, noticed without holding
 * more than the limit. At most `maxRedirects` redirects are followed, only to http and https.
 */
import type { Failure } from './failure.ts';
import type { Cancellable } from './resolver.ts';

export interface HttpRequest {
  readonly url: string;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxRedirects: number;
  /** Local address to connect from, or null for the system's choice. */
  readonly localAddress: string | null;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: Uint8Array;
  /** Address of the server that answered, canonical; policy on loopback candidates needs it. Null when unknown. */
  readonly remoteAddress: string | null;
}

export interface HttpHandler {
  /** Any status, 200 or not. */
  onResponse(response: HttpResponse): void;
  onFailure(failure: Failure): void;
}

export interface HttpClient {
  get(request: HttpRequest, handler: HttpHandler): Cancellable;
}
