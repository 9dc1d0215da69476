/**
 * Owns HTTP and HTTPS on Node: the `HttpClient` port on `undici`, which is loaded with the first request.
 *
 * Each request has a connection of its own, closed after the answer: trackers are asked every half hour, and nothing is
 * left open when the engine ends. Redirects, decompression and limits are done here rather than by undici's
 * interceptors, because the limit on the body has to hold behind the decompression, while it streams.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Client, Dispatcher } from 'undici';
import { canonicalAddress, isIPv6 } from '../base/endpoint.ts';
import type { Failure } from '../ports/failure.ts';
import type { HttpClient, HttpHandler, HttpRequest, HttpResponse } from '../ports/http.ts';
import type { Cancellable } from '../ports/resolver.ts';
import { HttpFailure, httpFailure } from './http-client-failures.ts';

/** Response headers; trackers send some hundred bytes. */
const MAX_HEADER_BYTES = 16_384;
const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];
/** `deflate` is a zlib stream by the standard, and a raw one from some servers; a zlib stream's first byte tells. */
const ZLIB_METHOD_DEFLATE = 8;

type Undici = typeof import('undici');

export class NodeHttpClient implements HttpClient {
  readonly #userAgent: string;
  #undici: Promise<Undici> | null = null;

  /** `userAgent` is name and version, as trackers see it. */
  constructor(userAgent: string) {
    this.#userAgent = userAgent;
  }

  get(request: HttpRequest, handler: HttpHandler): Cancellable {
    this.#undici ??= import('undici');
    const get = new Get(request, this.#userAgent);
    void this.#run(get, this.#undici, handler);
    return get;
  }

  async #run(get: Get, undici: Promise<Undici>, handler: HttpHandler): Promise<void> {
    let response: HttpResponse | null = null;
    let failure: Failure | null = null;
    try {
      response = await get.run(await undici);
    } catch (error) {
      failure = get.failureOf(error);
    }
    if (get.isCancelled) return;
    if (response !== null) handler.onResponse(response);
    else if (failure !== null) handler.onFailure(failure);
  }
}

/** One GET with its redirects. */
class Get implements Cancellable {
  readonly #request: HttpRequest;
  readonly #userAgent: string;
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #host = '';
  #remoteAddress: string | null = null;
  #isTimedOut = false;
  isCancelled = false;

  constructor(request: HttpRequest, userAgent: string) {
    this.#request = request;
    this.#userAgent = userAgent;
    this.#timer = setTimeout(() => {
      this.#isTimedOut = true;
      this.#abort.abort();
    }, request.timeoutMs);
  }

  cancel(): void {
    this.isCancelled = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  failureOf(error: unknown): Failure {
    if (this.#isTimedOut) return { code: 'timeout', operation: 'get', detail: this.#host };
    return httpFailure(error, this.#host);
  }

  /** The answer after all redirects. */
  async run(undici: Undici): Promise<HttpResponse> {
    try {
      let url = httpUrl(this.#request.url, null);
      for (let redirects = 0; ; redirects++) {
        const answer = await this.#ask(undici, url);
        if (!(answer instanceof URL)) return answer;
        if (redirects === this.#request.maxRedirects)
          throw new HttpFailure('too-many-redirects', url.hostname);
        url = answer;
      }
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Asks one server: its answer, or where it sends us. */
  async #ask(undici: Undici, url: URL): Promise<HttpResponse | URL> {
    this.#host = url.hostname;
    const client = this.#connectTo(undici, url);
    try {
      const answer = await client.request({
        method: 'GET',
        path: url.pathname + url.search,
        headers: this.#headers(url),
        signal: this.#abort.signal,
        reset: true,
      });
      const location = answer.headers['location'];
      if (REDIRECT_STATUSES.includes(answer.statusCode) && typeof location === 'string') {
        return httpUrl(location, url);
      }
      const body = await this.#readBody(answer);
      return { status: answer.statusCode, body, remoteAddress: this.#remoteAddress };
    } finally {
      // Closes the connection, with a body that nobody read too. What it cuts off has nothing left to say.
      client.destroy(null, () => {});
    }
  }

  #connectTo(undici: Undici, url: URL): Client {
    return new undici.Client(url.origin, {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 0, // the one time-out of the request covers these
      bodyTimeout: 0,
      connect: (server, done) => {
        const socket = this.#dial(server.protocol, server.hostname, server.port);
        socket.once(server.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          socket.removeListener('error', onError);
          this.#remoteAddress = canonicalAddress(socket.remoteAddress ?? '');
          done(null, socket);
        });
        const onError = (error: Error): void => done(error, null);
        socket.once('error', onError);
      },
    });
  }

  /** A connection under way; it ends with the request, also while nobody has answered yet. */
  #dial(protocol: string, hostname: string, portText: string): Socket {
    const { localAddress } = this.#request;
    const isTls = protocol === 'https:';
    const bound = localAddress === null ? {} : { localAddress, family: isIPv6(localAddress) ? 6 : 4 };
    const target = { host: hostname, port: Number(portText || (isTls ? 443 : 80)), ...bound };
    const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
    const socket = isTls
      ? connectTls({ ...target, ...servername, ALPNProtocols: ['http/1.1'] })
      : connectTcp(target);
    const { signal } = this.#abort;
    const onAbort = (): void => void socket.destroy(new Error('given up'));
    signal.addEventListener('abort', onAbort);
    socket.once('close', () => signal.removeEventListener('abort', onAbort));
    socket.setNoDelay(true);
    return socket;
  }

  #headers(url: URL): Record<string, string> {
    const headers: Record<string, string> = {
      'user-agent': this.#userAgent,
      accept: '*/*',
      'accept-encoding': 'gzip, deflate',
    };
    if (url.username !== '' || url.password !== '') {
      const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      headers['authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
    }
    return headers;
  }

  async #readBody(answer: Dispatcher.ResponseData): Promise<Uint8Array> {
    const { maxBodyBytes } = this.#request;
    const encoding = String(answer.headers['content-encoding'] ?? 'identity');
    const chunks: Uint8Array[] = [];
    let length = 0;
    const collect = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of source) {
        length += chunk.length;
        if (length > maxBodyBytes) throw new HttpFailure('too-large', `more than ${maxBodyBytes} bytes`);
        chunks.push(chunk);
      }
    };
    const { source, decoder } = await decode(answer.body, encoding.trim().toLowerCase());
    if (decoder === null) await pipeline(source, collect);
    else await pipeline(source, decoder, collect);
    return new Uint8Array(Buffer.concat(chunks, length));
  }
}

interface EncodedBody {
  readonly source: AsyncIterable<Uint8Array>;
  /** What undoes the encoding; null when there is none. */
  readonly decoder: Transform | null;
}

async function decode(body: AsyncIterable<Uint8Array>, encoding: string): Promise<EncodedBody> {
  switch (encoding) {
    case '':
    case 'identity':
      return { source: body, decoder: null };
    case 'gzip':
    case 'x-gzip':
      return { source: body, decoder: createGunzip() };
    case 'deflate':
      return decodeDeflate(body);
    default:
      throw new HttpFailure('unsupported', `content encoding ${encoding.slice(0, 40)}`);
  }
}

async function decodeDeflate(body: AsyncIterable<Uint8Array>): Promise<EncodedBody> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* whole(): AsyncGenerator<Uint8Array> {
    for (let next = first; !next.done; next = await chunks.next()) yield next.value;
  }
  const isZlib = !first.done && (first.value[0]! & 0x0f) === ZLIB_METHOD_DEFLATE;
  return { source: whole(), decoder: isZlib ? createInflate() : createInflateRaw() };
}

/** `text`, relative to `base` where there is one, as a URL of a scheme that is spoken here. */
function httpUrl(text: string, base: URL | null): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new HttpFailure('bad-answer', 'the URL is malformed');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HttpFailure('unsupported', `a redirect to ${url.protocol}`);
  }
  return url;
}
